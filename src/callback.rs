//! The callback: from Cognito's code to a session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rocket::Request;
use tokio::sync::watch;

use crate::clock;
use crate::core::{Core, SignInResult};
use crate::credential::user_of;
use crate::denial::Kind;
use crate::oauth::{Attempt, AttemptError, ExchangeError, StateHash, Tokens, Turn, result_of};
use crate::query::Query;
use crate::report;
use crate::request_state::RequestState;
use crate::session::{NewSession, Refresh};
use crate::token::{KeysUnavailable, TokenError, TokenUse};

const MAX_CODE_BYTES: usize = 2048;
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Completes a sign-in and says where to go. Order matters: nothing reaches the network before state
/// and cookie have been matched.
pub(crate) async fn complete(request: &Request<'_>, core: &Arc<Core>) -> Result<String, Kind> {
    // Rocket takes a form's `_method=GET` for a GET.
    if request.content_type().is_some_and(|it| it.is_form()) {
        return Err(Kind::GetOnly);
    }
    let state = RequestState::of(request);
    let now = clock::now();
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

    let code = parameters.code(core).inspect_err(|_| core.exchanges.end(attempt_hash, Instant::now()))?;

    let next = attempt.next.clone();
    let waiting = match core.exchanges.turn(attempt_hash, &code, Instant::now()) {
        Turn::First(sender) => {
            let result = sender.subscribe();
            core.forget_sessions(&sent);
            // A task of its own: a visitor who goes away does not lose the one exchange for its twins.
            let replaced = core.stored_refresh_token(&sent, now);
            tokio::spawn(exchange(Arc::clone(core), code, attempt, replaced, sender));
            sweep(core);
            result
        }
        Turn::Twin(result) => result,
        Turn::Over => return revisit(request, core, Kind::LoginUsed).await,
    };
    let result = result_of(waiting).await.ok_or(Kind::PoolUnavailable)?;
    let session = result.as_ref().as_ref().map_err(|kind| *kind)?;
    let cookies = session.cookies(&core.cookies, &sent, &core.settings, now).ok_or_else(|| {
        report::exchange_failed("the access token does not fit into cookies", None);
        Kind::SignInMisconfigured
    })?;
    state.write_cookies(cookies);
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

/// Drops results when their time is over, even if nobody else signs in: they hold tokens.
fn sweep(core: &Arc<Core>) {
    if core.exchanges.begin_sweeping() {
        let core = Arc::clone(core);
        tokio::spawn(async move {
            while !core.exchanges.sweep(Instant::now()) {
                tokio::time::sleep(SWEEP_EVERY).await;
            }
        });
    }
}

/// Runs the one exchange, tells all deliveries, and ends the session that the new one replaces.
async fn exchange(
    core: Arc<Core>,
    code: String,
    attempt: Attempt,
    replaced: Option<Refresh>,
    sender: watch::Sender<Option<Arc<SignInResult>>>,
) {
    let result = sign_in(&core, &code, &attempt).await;
    let signed_in = result.is_ok();
    sender.send_replace(Some(Arc::new(result)));
    if let Some(replaced) = replaced.filter(|_| signed_in) {
        core.revoke(&replaced.token).await;
    }
}

async fn sign_in(core: &Core, code: &str, attempt: &Attempt) -> SignInResult {
    let tokens = core.client.exchange(code, &attempt.verifier).await.map_err(|error| match error {
        ExchangeError::Code => {
            report::exchange_failed(
                "the pool answered \"invalid_grant\": used up, expired or not for this browser",
                None,
            );
            Kind::CodeRefused
        }
        ExchangeError::Client { reason, remedy } => {
            report::exchange_failed(&reason, Some(remedy));
            Kind::SignInMisconfigured
        }
        ExchangeError::Unavailable(reason) => {
            report::exchange_failed(&reason, None);
            Kind::PoolUnavailable
        }
    })?;
    let session = session(core, &tokens, &attempt.nonce).await;
    if let Some(refresh_token) = &tokens.refresh_token {
        let kept = session.as_ref().is_ok_and(|session| session.refresh_token.is_some());
        if session.is_ok() && !kept {
            report::refresh_token_too_large(refresh_token.len());
        }
        if !kept {
            core.revoke(refresh_token).await;
        }
    }
    session
}

async fn session(core: &Core, tokens: &Tokens, nonce: &str) -> SignInResult {
    let now = clock::now();
    let Some(id_token) = &tokens.id_token else {
        report::exchange_failed(
            "the pool sent no ID token",
            Some("let `scopes` and the app client include `openid`"),
        );
        return Err(Kind::SignInMisconfigured);
    };
    let verified = async |what, token: &str, token_use| {
        let expected = core.session_token(token_use);
        let mut result = core.jwks.verify(token, &expected, now).await;
        if matches!(result, Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable)) {
            // The pool itself has just handed it over, which is worth a fetch at any time.
            let _ = core.jwks.refresh().await;
            result = core.jwks.verify(token, &expected, now).await;
        }
        match result {
            Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable) => Err(Kind::PoolUnavailable),
            Ok(result) => result.map_err(|error| tokens_refused(what, error)),
        }
    };
    let access = verified("the access token of a sign-in", &tokens.access_token, TokenUse::Access).await?;
    let id = verified("the ID token of a sign-in", id_token, TokenUse::Id).await?;
    id.check_nonce(nonce)
        .and_then(|()| id.check_belongs_to(&access))
        .map_err(|error| tokens_refused("the ID token of a sign-in", error))?;

    let seal = |token: &str| core.refresh_tokens.seal_new(&access.claims.sub, token, now);
    Ok(NewSession {
        access_token: tokens.access_token.clone(),
        access_expires_at: access.claims.exp,
        id_token: id_token.clone(),
        id_expires_at: id.claims.exp,
        refresh_token: tokens.refresh_token.as_ref().and_then(|token| seal(token)),
    })
}

fn tokens_refused(what: &str, error: TokenError) -> Kind {
    report::token_refused(what, error);
    Kind::TokensRefused
}
