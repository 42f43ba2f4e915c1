//! The user of a browser's session, which is renewed on the way where that is due.

use std::sync::Arc;

use rocket::Request;

use super::state::RequestState;
use crate::app::{Core, HookDecision, outcome};
use crate::denial::Kind;
use crate::session::{
    ACCESS, ID, Outcome, REFRESH, Record, SESSION, SentCookies, SessionChange, SignedIn, Since, Wish, renew,
};
use crate::telemetry::report;
use crate::token::{Expected, KeysUnavailable, TokenError, TokenUse, VerifiedToken};
use crate::user::{CognitoUser, Id, SentIdToken};

/// The access token that the browser sent.
enum Access {
    Valid(Arc<VerifiedToken>),
    /// With whose it was.
    Expired {
        sub: String,
    },
    /// Signed with a key that the pool does not have any more, so that nobody can say whose it was.
    Unknown,
    Missing,
}

/// Finds out who sent `request`, by its session cookies. Another site's request, though it may well get an answer,
/// does not cause a renewal.
pub(crate) async fn from_session(
    request: &Request<'_>,
    core: &Arc<Core>,
    may_renew: bool,
) -> Result<CognitoUser, Kind> {
    let sent = core.cookies.sent(request);
    if core.cookies.is_in_doubt(&sent, ACCESS) {
        return Err(Kind::SessionInDoubt);
    }
    let now = core.clock.now();
    let access = access(core, &sent, now).await?;
    let settings = &core.settings;
    let is_due = || match &access {
        Access::Valid(token) => core.is_due(token.jwt(), token.claims.iat, token.claims.exp, now),
        Access::Expired { .. } | Access::Unknown | Access::Missing => true,
    };
    let renews = settings.auto_refresh && may_renew && is_due();
    if !renews && !settings.limits_sessions {
        return present_user(core, &sent, access, now).await;
    }
    let record = match core.record(&sent) {
        Some(record) => live(request, core, record, &access, now)?,
        // A session that nobody can hold against its limits is none.
        None if settings.limits_sessions && !matches!(access, Access::Missing) => {
            return Err(Kind::SessionExpired);
        }
        None => return present_user(core, &sent, access, now).await,
    };
    if !renews || record.refresh_token().is_none() {
        let change = match core.renewals.since(&record.session_id, record.generation) {
            // An answer that came late has put an older record in the place of a newer one.
            Since::Renewed(Some(latest)) => Some(SessionChange::Renewed(latest)),
            _ if core.records.is_worth_noting(&record, now) => Some(SessionChange::Seen(record.seen(now))),
            _ => None,
        };
        if let Some(change) = change {
            RequestState::of(request).set_session(change);
        }
        return present_user(core, &sent, access, now).await;
    }
    let wish = if matches!(access, Access::Valid(_)) { Wish::Ahead } else { Wish::Now };
    // In a box of its own, so that the others' futures stay small.
    match Box::pin(renewed(request, core, record, wish)).await? {
        Some(user) => Ok(user),
        None => present_user(core, &sent, access, now).await.map_err(not_renewed),
    }
}

/// Renews the session of `request` on demand.
pub(crate) async fn refreshed(request: &Request<'_>, core: &Arc<Core>) -> Result<CognitoUser, Kind> {
    if let Some(user) = core.stub_user() {
        RequestState::of(request).set_identity(&Ok(user.clone()));
        return Ok(user);
    }
    let sent = core.cookies.sent(request);
    if core.cookies.is_in_doubt(&sent, ACCESS) {
        return Err(Kind::SessionInDoubt);
    }
    let now = core.clock.now();
    let access = access(core, &sent, now).await?;
    let Some(record) = core.record(&sent).filter(|record| record.refresh_token().is_some()) else {
        return Err(nobody(core, &sent));
    };
    let record = live(request, core, record, &access, now)?;
    renewed(request, core, record, Wish::Fresh).await?.ok_or(Kind::SessionNotRenewed)
}

/// The user as of the new tokens. `Ok(None)` when there are none to use, though the session goes on.
async fn renewed(
    request: &Request<'_>,
    core: &Arc<Core>,
    record: Record,
    wish: Wish,
) -> Result<Option<CognitoUser>, Kind> {
    match renew(core, record, wish).await {
        Some(Outcome::Renewed(signed_in)) => taken(request, core, &signed_in).await,
        Some(Outcome::Over) => {
            RequestState::of(request).set_session(SessionChange::Ended);
            Err(Kind::SessionExpired)
        }
        Some(Outcome::Ended) => Err(Kind::SessionExpired),
        Some(Outcome::Unavailable) | None => Ok(None),
    }
}

/// Notes the new tokens for the answer's cookies, and lets the app's hook have a say. `Ok(None)` when the tokens
/// cannot be used.
async fn taken(
    request: &Request<'_>,
    core: &Arc<Core>,
    signed_in: &Arc<SignedIn>,
) -> Result<Option<CognitoUser>, Kind> {
    let state = RequestState::of(request);
    state.set_session(SessionChange::Renewed(Arc::clone(signed_in)));
    let Some(user) = &signed_in.user else { return Ok(None) };
    if let Some(hook) = &core.hooks.on_refresh {
        let verdict = signed_in.verdict.get_or_init(|| outcome("on_refresh", || hook(request, user))).await;
        match verdict {
            Some(HookDecision::Refuse) => {
                report::session_over("the app's hook refused to go on with it");
                return Err(over(request, core, &signed_in.session.record));
            }
            Some(HookDecision::GoTo(path)) => state.set_next(Some(path.clone())),
            Some(HookDecision::Proceed) | None => {}
        }
    }
    state.set_identity(&Ok(user.clone()));
    Ok(Some(user.clone()))
}

/// Ends a session here and at the pool.
fn over(request: &Request<'_>, core: &Arc<Core>, record: &Record) -> Kind {
    RequestState::of(request).set_session(SessionChange::Ended);
    core.end_once(record);
    Kind::SessionExpired
}

/// An expired session that could not be renewed is not over.
fn not_renewed(kind: Kind) -> Kind {
    if kind == Kind::SessionExpired { Kind::SessionNotRenewed } else { kind }
}

async fn access(core: &Core, sent: &SentCookies<'_>, now: u64) -> Result<Access, Kind> {
    let Some(access) = core.cookies.read(sent, ACCESS) else { return Ok(Access::Missing) };
    let expected = Expected::of_session(&core.settings, TokenUse::Access);
    let refused = |error| {
        report::token_refused("a session's access token", error);
        Kind::SessionExpired
    };
    match core.verifier.verify(&access, &expected, now).await {
        // Nobody signed in with it.
        Ok(Ok(access)) if access.claims.is_of_machine() => Err(refused(TokenError::Use)),
        Ok(Ok(access)) => Ok(Access::Valid(access)),
        Ok(Err(TokenError::UnknownKey)) if core.settings.refresh_flow_enabled => Ok(Access::Unknown),
        Ok(Err(TokenError::Expired)) => {
            // Everything but the time still has to hold.
            let at_any_time = Expected { check_expiration: false, ..expected };
            match core.verifier.verify(&access, &at_any_time, now).await {
                Ok(Ok(access)) => Ok(Access::Expired { sub: access.claims.sub.clone() }),
                Ok(Err(TokenError::UnknownKey)) => Ok(Access::Unknown),
                Ok(Err(error)) => Err(refused(error)),
                Err(KeysUnavailable) => Err(Kind::KeysUnavailable),
            }
        }
        Ok(Err(error)) => Err(refused(error)),
        Err(KeysUnavailable) => Err(Kind::KeysUnavailable),
    }
}

/// The record, if it and the access token are of one person and the session's time is not over.
fn live(
    request: &Request<'_>,
    core: &Arc<Core>,
    record: Record,
    access: &Access,
    now: u64,
) -> Result<Record, Kind> {
    let is_of_one_person = match access {
        Access::Valid(access) => access.claims.sub == record.sub,
        Access::Expired { sub } => *sub == record.sub,
        Access::Unknown | Access::Missing => true,
    };
    match core.renewals.end_of(&record.session_id, core.clock.instant()) {
        Some(Outcome::Over) => return Err(over(request, core, &record)),
        Some(_) => return Err(Kind::SessionExpired),
        None => {}
    }
    if !is_of_one_person {
        report::session_of_two_people();
    } else if core.records.is_over(&record, now) {
        report::session_over("it has lasted, or been idle, as long as the settings allow");
    } else {
        return Ok(record);
    }
    Err(over(request, core, &record))
}

/// The user by the tokens that the browser sent.
async fn present_user(
    core: &Core,
    sent: &SentCookies<'_>,
    access: Access,
    now: u64,
) -> Result<CognitoUser, Kind> {
    let Access::Valid(access) = access else { return Err(nobody(core, sent)) };
    let expected = Expected::of_session(&core.settings, TokenUse::Id);
    let id = match core.cookies.read(sent, ID) {
        Some(id) => match core.verifier.recall(&id, &expected, now) {
            Some(id) => id.check_belongs_to(&access).is_ok().then(|| Id::known(id)),
            None => {
                if !core.verifier.has_key(&id) {
                    Box::pin(core.verifier.fetch_key(&id, &expected, now)).await;
                }
                let (text, access) = (id.into_owned(), Arc::clone(&access));
                Some(Id::sent(SentIdToken::sent(text, access, &core.verifier, &core.settings, now)))
            }
        },
        None => None,
    };
    Ok(CognitoUser::from_session(access, id, core.api.endpoints().cloned()))
}

/// Whoever has been signed in is told so.
fn nobody(core: &Core, sent: &SentCookies<'_>) -> Kind {
    let traces = [ACCESS, REFRESH, ID, SESSION].iter().any(|name| core.cookies.has(sent, name));
    if traces { Kind::SessionExpired } else { Kind::NotSignedIn }
}
