//! The callback: from Cognito's code to a session.

use std::sync::Arc;

use rocket::Request;

use crate::code_exchange::exchange;
use crate::core::Core;
use crate::credential::user_of;
use crate::denial::Kind;
use crate::oauth::{AttemptError, StateHash, Turn, result_of};
use crate::query::Query;
use crate::report;
use crate::request_state::RequestState;
use crate::session_change::SessionChange;

const MAX_CODE_BYTES: usize = 2048;

/// Completes a sign-in and says where to go. Order matters: nothing reaches the network before state
/// and cookie have been matched.
pub(crate) async fn complete(request: &Request<'_>, core: &Arc<Core>) -> Result<String, Kind> {
    // Rocket takes a form's `_method=GET` for a GET.
    if request.content_type().is_some_and(|it| it.is_form()) {
        return Err(Kind::GetOnly);
    }
    let state = RequestState::of(request);
    let now = core.clock.now();
    let query = state.take_callback_query().unwrap_or_default();
    let parameters = Parameters::parse(&query)?;

    let attempt_hash = StateHash::of(&parameters.state);
    let sent = core.cookies.sent(request);
    let Some(sealed) = core.cookies.read_login(&sent, &attempt_hash) else {
        return revisit(request, core, Kind::NoLoginAttempt).await;
    };
    let attempt = core.attempts.open_for(sealed, &parameters.state, now).map_err(|error| {
        report::callback_refused(match error {
            AttemptError::Unreadable => "the login cookie cannot be opened; were the secret keys changed?",
            AttemptError::Expired => "the login cookie is older than ten minutes",
            AttemptError::Foreign => "the login cookie is of another pool, client, redirect_url or state",
        });
        if error == AttemptError::Expired { Kind::LoginExpired } else { Kind::LoginNotRecognised }
    })?;
    // From here on the attempt is spent, whatever becomes of it; the next one is to lead to the same page.
    state.write_cookies([core.cookies.remove_login(core.cookies.login_name(&attempt_hash))]);
    state.set_next(attempt.next.clone());

    let code =
        parameters.code(core).inspect_err(|_| core.exchanges.end(attempt_hash, core.clock.instant()))?;

    let next = attempt.next.clone();
    let waiting = match core.exchanges.turn(attempt_hash, &code, core.clock.instant()) {
        Turn::First(sender) => {
            let result = sender.subscribe();
            let replaced = core.record(&sent);
            core.forget_sessions(&sent, replaced.as_ref());
            // A task of its own: a visitor who goes away does not lose the one exchange for its twins.
            tokio::spawn(exchange(Arc::clone(core), code, attempt, replaced, sender));
            result
        }
        Turn::Twin(result) => result,
        Turn::Over => return revisit(request, core, Kind::LoginUsed).await,
    };
    let result = result_of(waiting).await.ok_or(Kind::PoolUnavailable)?;
    let signed_in = result.as_ref().as_ref().map_err(|kind| *kind)?;
    state.set_session(SessionChange::Begun(Arc::clone(signed_in)));
    Ok(core.landing(next.as_deref()).to_owned())
}

/// The back button, or a reload: whoever is signed in goes on, everybody else starts again.
async fn revisit(request: &Request<'_>, core: &Core, otherwise: Kind) -> Result<String, Kind> {
    match user_of(request).await {
        Ok(_) => Ok(core.settings.login_redirect.clone()),
        Err(_) => Err(otherwise),
    }
}

pub(crate) struct Parameters {
    pub(crate) state: String,
    /// RFC 9207; Cognito sends none.
    issuer: Option<String>,
    /// The code, or `error` and `error_description`.
    pub(crate) answer: Result<String, (String, Option<String>)>,
}

impl Parameters {
    pub(crate) fn parse(query: &str) -> Result<Self, Kind> {
        let bad = |_| Kind::BadCallback;
        let query = Query::parse(query).map_err(bad)?;
        let one = |name| query.one(name).map(|value| value.map(str::to_owned)).map_err(bad);
        let (state, code, error) = (one("state")?, one("code")?, one("error")?);
        let (description, issuer) = (one("error_description")?, one("iss")?);
        let visible = |text: &str, max: usize| {
            (1..=max).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        let state = state.filter(|state| visible(state, 128)).ok_or(Kind::BadCallback)?;
        let answer = match (error, code) {
            (Some(error), _) => Err((error, description)),
            (None, Some(code)) if visible(&code, MAX_CODE_BYTES) => Ok(code),
            (None, _) => return Err(Kind::BadCallback),
        };
        Ok(Parameters { state, issuer, answer })
    }

    /// The code, when this pool has answered with one.
    fn code(self, core: &Core) -> Result<String, Kind> {
        if self.issuer.as_ref().is_some_and(|issuer| core.settings.issuers.first() != Some(issuer)) {
            report::callback_refused("its `iss` is not this pool");
            return Err(Kind::LoginNotRecognised);
        }
        self.answer.map_err(|(error, description)| refused(&error, description.as_deref()))
    }
}

/// `error=` from the pool (RFC 6749 section 4.1.2.1). Its texts go to the log, never to the page.
fn refused(error: &str, description: Option<&str>) -> Kind {
    report::pool_refused(error, description);
    match error {
        "access_denied" => Kind::AccessDenied,
        "server_error" | "temporarily_unavailable" => Kind::PoolUnavailable,
        "unauthorized_client" | "invalid_scope" | "unsupported_response_type" => Kind::SignInMisconfigured,
        "invalid_request" if description == Some("invalid_scope") => Kind::SignInMisconfigured,
        _ => Kind::SignInRefused,
    }
}
