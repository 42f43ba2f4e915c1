//! The parts of an app in which people sign in.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{OwnClient, RedirectUrl, Settings, SignInSettings};
use crate::http::RedirectTargets;
use crate::pool::UserPool;
use crate::session::{SessionKeeper, SessionStoreParts};
use crate::sign_in::SignIns;
use crate::telemetry::Counts;

/// The parts of an app in which people sign in.
pub(crate) struct SignInParts {
    pub(crate) settings: SignInSettings,
    /// `redirect_url` first, then `accepted_redirect_urls`. Empty in disabled mode, where nobody is sent away.
    pub(crate) redirect_urls: Vec<RedirectUrl>,
    pub(crate) sessions: Arc<SessionKeeper>,
    pub(crate) sign_ins: Arc<SignIns>,
    pub(crate) targets: Arc<RedirectTargets>,
}

impl SignInParts {
    /// `None` when no key can be derived to seal with.
    pub(super) fn new(
        settings: &Settings,
        sign_in: &SignInSettings,
        client: &OwnClient,
        pool: &Arc<UserPool>,
        store: Option<&SessionStoreParts>,
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Option<Self> {
        let sessions = Arc::new(SessionKeeper::new(settings, client, pool, store, clock, counts)?);
        let own_paths = sign_in.paths.all.iter().cloned();
        Some(SignInParts {
            settings: sign_in.clone(),
            redirect_urls: client.redirect_urls.clone(),
            sign_ins: Arc::new(SignIns::new(settings, client, &sessions, pool, clock, counts)?),
            sessions,
            targets: Arc::new(RedirectTargets::new(own_paths, &sign_in.login_redirect)),
        })
    }
}
