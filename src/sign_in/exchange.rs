//! The one exchange of an attempt's code, and the session that comes of it.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::attempt::{Attempt, StateHash};
use super::reauthentication::NotFresh;
use crate::app::{Core, SignInResult};
use crate::denial::Kind;
use crate::oauth::{EndpointError, Tokens};
use crate::pool::{IssuedTokens, NotTaken};
use crate::session::{Record, SignedIn};
use crate::sync::Leader;
use crate::telemetry::report;
use crate::token::TokenError;

/// Runs the one exchange, and tells all deliveries.
pub(crate) async fn exchange(
    core: Arc<Core>,
    code: String,
    attempt: Attempt,
    leader: Leader<Arc<SignInResult>>,
) {
    let (result, unused) = match tokens(&core, &code, &attempt).await {
        Ok(tokens) => {
            let result = session(&core, &tokens, &attempt).await;
            let is_kept = result.as_ref().is_ok_and(|it| it.session.record.refresh_token().is_some());
            (result, tokens.refresh_token.filter(|_| !is_kept))
        }
        Err(kind) => (Err(kind), None),
    };
    if matches!(result, Err(Kind::SignInBusy)) {
        core.exchanges.forget(StateHash::of(attempt.state()));
    }
    leader.finish(Arc::new(result.map(Arc::new)));
    if let Some(token) = unused {
        core.revoke(&token).await;
    }
}

async fn tokens(core: &Core, code: &str, attempt: &Attempt) -> Result<Tokens, Kind> {
    core.client()?.exchange(&attempt.with_code(code)).await.map_err(|error| match error {
        EndpointError::Grant => {
            let reason = "the pool answered \"invalid_grant\": used up, expired or not for this browser";
            report::exchange_failed(reason, None);
            Kind::CodeRefused
        }
        EndpointError::Client { reason, remedy } => {
            report::exchange_failed(&reason, Some(remedy));
            Kind::SignInMisconfigured
        }
        EndpointError::Busy => {
            report::too_many_calls();
            Kind::SignInBusy
        }
        EndpointError::Unavailable { reason, .. } => {
            report::exchange_failed(&reason, None);
            Kind::PoolUnavailable
        }
    })
}

async fn session(core: &Core, tokens: &Tokens, attempt: &Attempt) -> Result<SignedIn, Kind> {
    let now = core.clock.now();
    if tokens.id_token.is_none() {
        report::exchange_failed(
            "the pool sent no ID token",
            Some("let `scopes` and the app client include `openid`"),
        );
        return Err(Kind::SignInMisconfigured);
    }
    let issued = IssuedTokens::verify(&core.verifier, &core.settings, tokens, now).await.and_then(|issued| {
        let id = issued.id.as_ref().ok_or(NotTaken::Token(TokenError::Nonce))?;
        id.check_nonce(&attempt.nonce).map_err(NotTaken::Token)?;
        Ok(issued)
    });
    let issued = issued.map_err(|reason| {
        match &reason {
            NotTaken::Token(error @ TokenError::TooLong) => report::too_much_of_a_user(error),
            reason => reason.report("a token of a sign-in"),
        }
        Kind::from(&reason)
    })?;
    let claims = &issued.access.claims;
    attempt.check_fresh(claims.auth_time, claims.iat, now).map_err(|reason| {
        let has_second_try = attempt.second_try().is_some();
        let (told, remedy) = reason.told(has_second_try);
        report::not_fresh(told, remedy);
        match reason {
            NotFresh::NotAsked if has_second_try => Kind::LoginTooOld,
            NotFresh::NotAsked | NotFresh::Clock => Kind::LoginNotFresh,
        }
    })?;
    let record = record(core, &issued, tokens.refresh_token.as_ref(), now);
    let signed_in = issued.signed_in(record, Arc::clone(core.client()?), core.settings.check_expiration);
    if signed_in.session.fits(&core.cookies, &core.records, now) {
        Ok(signed_in)
    } else {
        report::too_much_of_a_user("too long for cookies");
        Err(Kind::SignInMisconfigured)
    }
}

/// The new session's record, without a refresh token that is too large.
fn record(core: &Core, issued: &IssuedTokens, token: Option<&Zeroizing<String>>, now: u64) -> Record {
    let claims = &issued.access.claims;
    let token = token.map(|token| token.as_str());
    let record = core.records.begin(&claims.sub, token, claims.iat, now);
    if core.records.fits(&record, now) {
        return record;
    }
    report::refresh_token_too_large(token.map_or(0, str::len));
    core.records.begin(&claims.sub, None, claims.iat, now)
}
