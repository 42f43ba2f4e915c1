//! What a request has done to its session, and the cookies that come of it.

use std::sync::Arc;

use rocket::http::Cookie;

use super::cookies::SentCookies;
use super::issued_session::SignedIn;
use super::new_session::removals;
use super::record::Record;
use super::refresh_coordinator::Since;
use crate::app::Core;

#[derive(Clone)]
pub(crate) enum SessionChange {
    /// A sign-in has just been completed.
    Begun(Arc<SignedIn>),
    /// The app's hook has refused it.
    Refused(Arc<SignedIn>),
    Renewed(Arc<SignedIn>),
    /// Its record is to be written again, since the user has been seen.
    Seen(Record),
    Ended,
}

impl SessionChange {
    /// The cookies of the answer, found out when it is complete: by then somebody may have renewed the session once
    /// more, or signed out and in again, and what the browser has got meanwhile must stay.
    ///
    /// A sign-in that the app answers with an error leaves nothing behind, here and at the pool.
    pub(crate) fn cookies(
        &self,
        core: &Arc<Core>,
        sent: &SentCookies<'_>,
        is_refused: bool,
    ) -> Vec<Cookie<'static>> {
        let now = core.clock.now();
        let written = |signed_in: &SignedIn| {
            let age = core.settings.cookie_age_seconds;
            signed_in.session.cookies(&core.cookies, &core.records, sent, age, now).unwrap_or_default()
        };
        let since = |record: &Record| core.renewals.since(&record.session_id, record.generation);
        match self {
            SessionChange::Ended => removals(&core.cookies, sent),
            SessionChange::Refused(signed_in) => {
                core.discard(signed_in);
                Vec::new()
            }
            SessionChange::Begun(signed_in)
                if is_refused || core.renewals.is_over(signed_in.session_id()) =>
            {
                core.discard(signed_in);
                Vec::new()
            }
            SessionChange::Begun(signed_in) => {
                signed_in.begin();
                if let Some(replaced) = core.record(sent) {
                    core.replace(&replaced, signed_in);
                }
                written(signed_in)
            }
            SessionChange::Renewed(signed_in) => match since(&signed_in.session.record) {
                Since::Nothing => written(signed_in),
                Since::Renewed(latest) => latest.map(|latest| written(&latest)).unwrap_or_default(),
                Since::Over => Vec::new(),
            },
            SessionChange::Seen(record) => match since(record) {
                Since::Nothing => core.records.write(&core.cookies, sent, record, now).unwrap_or_default(),
                // The browser has something newer.
                Since::Renewed(_) | Since::Over => Vec::new(),
            },
        }
    }
}
