//! Renews a session with its refresh token (RFC 6749 section 6), ahead of time or when it is asked for.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::issued_session::SignedIn;
use super::new_session::{IssuedToken, NewSession};
use super::record::Record;
use super::refresh_coordinator::{Finished, Outcome, Turn};
use crate::app::Core;
use crate::oauth::EndpointError;
use crate::pool::{IssuedTokens, NotTaken};
use crate::sync::{Leader, Lost};
use crate::telemetry::report;
use crate::token::TokenError;

/// How long the pool is left alone after it refused this app's client: that concerns every session.
const PAUSE_OF_A_REFUSED_CLIENT: Duration = Duration::from_secs(10);

/// Who wants a session renewed, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The token is still valid: one request renews it, the others go on.
    Ahead,
    /// The token has expired.
    Now,
    /// On demand: the present token's age is no matter, nor is that of tokens this browser has not got yet.
    Fresh,
}

impl Core {
    /// Whether a token is to be renewed: some time before it expires or its cookie goes, and for each at another time,
    /// so that not all sessions of a morning come at once.
    pub(crate) fn is_due(&self, token: &str, issued_at: u64, expires_at: u64, now: u64) -> bool {
        let expires_at = expires_at.min(issued_at.saturating_add(self.settings.cookie_age_seconds));
        let lifetime = expires_at.saturating_sub(issued_at);
        let ahead = self.settings.refresh_ahead_seconds.min(lifetime / 3);
        let mut hasher = DefaultHasher::new();
        // The end of a signature is as good as all of it.
        token.get(token.len().saturating_sub(32)..).hash(&mut hasher);
        // From two thirds to four thirds.
        let ahead = ahead.saturating_mul(200 + hasher.finish() % 201) / 300;
        now.saturating_add(ahead) >= expires_at
    }

    fn is_current(&self, signed_in: &SignedIn, now: u64) -> bool {
        let is_current =
            |access: &IssuedToken| !self.is_due(&access.token, access.issued_at, access.expires_at, now);
        signed_in.user.is_some() && signed_in.session.access.as_ref().is_some_and(is_current)
    }
}

/// Renews the session of `record`, or has somebody else's renewal serve. `None`: the present token serves for now.
pub(crate) async fn renew(core: &Arc<Core>, record: Record, wish: Wish) -> Option<Outcome> {
    let now = core.clock.now();
    let is_current = |signed_in: &SignedIn| match wish {
        Wish::Fresh => signed_in.user.is_some(),
        Wish::Ahead | Wish::Now => core.is_current(signed_in, now),
    };
    let turn = core.renewals.turn(&record.session_id, record.generation, core.clock.instant(), is_current);
    let waiting = match turn {
        Turn::Done(outcome) => return Some(outcome),
        Turn::UnderWay(_) if wish == Wish::Ahead => return None,
        Turn::UnderWay(waiting) => waiting,
        Turn::First(leader, successor) => {
            let record = successor.map_or(record, |signed_in| signed_in.session.record.clone());
            leader.spawn(|leader| ask(Arc::clone(core), record, leader))
        }
    };
    // Whoever begins it waits, valid token or not: the new refresh token has to reach the browser.
    Some(waiting.result().await.unwrap_or_else(|Lost| Outcome::Unavailable))
}

/// Asks the pool once, and tells everybody who waits.
async fn ask(core: Arc<Core>, record: Record, leader: Leader<Outcome>) {
    let finished = if core.is_stopping() { Finished::Unavailable(None) } else { asked(&core, &record).await };
    let renewed = match &finished {
        Finished::Renewed { renewed, .. } => Some(Arc::clone(renewed)),
        _ => None,
    };
    let now = core.clock.instant();
    let outcome = core.renewals.finish(&record.session_id, record.generation, leader, finished, now);
    // Signed out in the meantime.
    if let (Outcome::Ended, Some(renewed)) = (outcome, renewed)
        && let Some(token) = renewed.session.record.refresh_token()
    {
        core.revoke(token).await;
    }
}

async fn asked(core: &Core, record: &Record) -> Finished {
    let Some(refresh_token) = record.refresh_token() else { return Finished::Over };
    // Without one nobody has signed in here.
    let Ok(client) = core.client() else { return Finished::Unavailable(None) };
    let tokens = match client.refresh(refresh_token).await {
        Ok(tokens) => tokens,
        Err(EndpointError::Grant) => {
            report::session_over("the pool does not accept its refresh token any more");
            return Finished::Over;
        }
        Err(EndpointError::Client { reason, remedy }) => {
            report::renewal_failed(&reason, Some(remedy));
            return Finished::Unavailable(Some(PAUSE_OF_A_REFUSED_CLIENT));
        }
        Err(EndpointError::Busy) => {
            report::too_many_calls();
            return Finished::Busy;
        }
        Err(EndpointError::Unavailable { reason, retry_after }) => {
            report::renewal_failed(&reason, None);
            return Finished::Unavailable(retry_after);
        }
    };
    let now = core.clock.now();
    let new_refresh_token = tokens.refresh_token.as_ref().map(|token| token.as_str());
    let renewed = |issued_at| record.renewed(new_refresh_token, issued_at, now);
    let verified = match IssuedTokens::verify(&core.verifier, &core.settings, &tokens, now).await {
        Ok(issued) => check(core, &issued, record).map(|()| issued).map_err(NotTaken::Token),
        Err(reason) => Err(reason),
    };
    let signed_in = match verified {
        Ok(issued) => {
            let record = renewed(issued.access.claims.iat);
            issued.signed_in(record, Arc::clone(client), core.settings.check_expiration)
        }
        Err(reason) => {
            reason.report("a token of a renewal");
            if reason.is_of_another() {
                report::session_over("the pool's answer to its renewal is not of this session");
                core.revoke(new_refresh_token.unwrap_or(refresh_token)).await;
                return Finished::Over;
            }
            // The old refresh token may be used up by now, so the new one is kept.
            unusable(renewed(record.issued_at))
        }
    };
    if !signed_in.session.fits(&core.cookies, &core.records, now) {
        report::session_over("its new refresh token does not fit into cookies");
        core.revoke(new_refresh_token.unwrap_or(refresh_token)).await;
        return Finished::Over;
    }
    Finished::Renewed { is_usable: signed_in.user.is_some(), renewed: Arc::new(signed_in) }
}

/// Whether new tokens are of the session they renew (OpenID Connect Core section 12.2). The nonce is that of the
/// sign-in, where there is one at all.
fn check(core: &Core, issued: &IssuedTokens, record: &Record) -> Result<(), TokenError> {
    let leeway = core.settings.expiration_leeway;
    let is_later =
        |token: &crate::token::VerifiedToken| token.claims.iat.saturating_add(leeway) >= record.issued_at;
    if issued.access.claims.sub != record.sub {
        return Err(TokenError::Subject);
    }
    if is_later(&issued.access) && issued.id.as_ref().is_none_or(|id| is_later(id)) {
        Ok(())
    } else {
        Err(TokenError::Older)
    }
}

fn unusable(record: Record) -> SignedIn {
    SignedIn::new(NewSession { access: None, id: None, record }, None)
}
