//! The client for Cognito's authorization server: authorize URL, code exchange, revocation, logout URL.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::sync::{Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

use super::attempt::Attempt;
use super::authorization_request::AuthorizationRequest;
use crate::config::{Secret, Settings};
use crate::http::{Http, HttpError, basic};
use crate::report::said;
use crate::token::check_object;

const TOKEN_DEADLINE: Duration = Duration::from_secs(8);
const REVOKE_DEADLINE: Duration = Duration::from_millis(1500);
const MAX_BYTES: usize = 64 * 1024;
/// Calls under way at once, 32 in all: strangers with made-up codes must not use up the pool's quota. Each kind has
/// its own, so that a flood of codes neither ends sessions nor leaves tokens unrevoked.
const MAX_EXCHANGES: usize = 12;
const MAX_REFRESHES: usize = 12;
const MAX_REVOCATIONS: usize = 8;
const MAX_WAIT: Duration = Duration::from_secs(2);
/// A sign-out waits for it.
const MAX_WAIT_TO_REVOKE: Duration = Duration::from_millis(500);

/// One app client of the pool.
pub(crate) struct Client {
    http: Http,
    exchanges: Semaphore,
    refreshes: Semaphore,
    revocations: Semaphore,
    authorize: Url,
    token: String,
    revoke: String,
    logout: Url,
    client_id: String,
    client_secret: Option<Secret>,
    /// The same secret as `client_secret_basic`.
    authorization: Option<HeaderValue>,
    scopes: Vec<String>,
}

/// A successful answer of the token endpoint (RFC 6749 section 5.1).
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: Zeroizing<String>,
    /// Cognito sends one when the scopes include `openid`.
    pub(crate) id_token: Option<Zeroizing<String>>,
    pub(crate) refresh_token: Option<Zeroizing<String>>,
    token_type: String,
    /// Tokens and an error at once are neither.
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    error_description: Option<String>,
}

/// Why the token endpoint gave no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenEndpointError {
    /// `invalid_grant`: the code or refresh token is used up, expired, revoked, or not for this verifier.
    Grant,
    /// The client is set up wrongly, here or at the pool.
    Client { reason: String, remedy: &'static str },
    /// The pool was not asked: too many calls are under way.
    Busy,
    /// The pool is down, slow, throttling, or answers nonsense.
    Unavailable { reason: String, retry_after: Option<Duration> },
}

impl Client {
    /// `None` when the domain is no URL, which the settings have ruled out.
    pub(crate) fn new(settings: &Settings, http: Http) -> Option<Self> {
        let url = |path: &str| Url::parse(&format!("{}{path}", settings.domain)).ok();
        let mut logout = url("/logout")?;
        logout
            .query_pairs_mut()
            .append_pair("client_id", &settings.client_id)
            .append_pair("logout_uri", &settings.logout_url);
        Some(Client {
            http,
            exchanges: Semaphore::new(MAX_EXCHANGES),
            refreshes: Semaphore::new(MAX_REFRESHES),
            revocations: Semaphore::new(MAX_REVOCATIONS),
            authorize: url("/oauth2/authorize")?,
            token: url("/oauth2/token")?.into(),
            revoke: url("/oauth2/revoke")?.into(),
            logout,
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            authorization: match &settings.client_secret {
                Some(secret) => Some(basic(&settings.client_id, secret)?),
                None => None,
            },
            scopes: settings.scopes.clone(),
        })
    }

    /// Whether no call is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.exchanges.available_permits() == MAX_EXCHANGES
            && self.refreshes.available_permits() == MAX_REFRESHES
            && self.revocations.available_permits() == MAX_REVOCATIONS
    }

    /// Where to send the browser to sign in.
    pub(crate) fn authorize_url(&self, attempt: &Attempt, request: &AuthorizationRequest) -> String {
        self.with_authorization(&self.authorize, attempt, request)
    }

    /// Cognito's own sign-out, which goes straight on to its sign-in page.
    pub(crate) fn logout_and_authorize_url(
        &self,
        attempt: &Attempt,
        request: &AuthorizationRequest,
    ) -> String {
        let mut logout = self.logout.clone();
        logout.set_query(None);
        self.with_authorization(&logout, attempt, request)
    }

    /// Every parameter stands in it once.
    fn with_authorization(
        &self,
        endpoint: &Url,
        attempt: &Attempt,
        request: &AuthorizationRequest,
    ) -> String {
        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client_id)
                .append_pair("redirect_uri", &attempt.redirect_url)
                .append_pair("state", attempt.state())
                .append_pair("nonce", &attempt.nonce)
                .append_pair("code_challenge", &attempt.challenge())
                .append_pair("code_challenge_method", "S256");
            query.extend_pairs(request.parameters(&self.scopes));
        }
        url.into()
    }

    /// Cognito's own sign-out, which returns to `logout_url`.
    pub(crate) fn logout_url(&self) -> &str {
        self.logout.as_str()
    }

    /// Exchanges a code, once: a second try would find it used up.
    pub(crate) async fn exchange(&self, code: &str, attempt: &Attempt) -> Result<Tokens, TokenEndpointError> {
        let verifier = attempt.verifier.as_str();
        let form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", attempt.redirect_url.as_str()),
            ("code", code),
            ("code_verifier", verifier),
        ];
        self.ask(&self.exchanges, form, &[code, verifier]).await
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 section 6), once: with rotation it may be used up.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<Tokens, TokenEndpointError> {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", self.client_id.as_str()),
            ("refresh_token", refresh_token),
        ];
        self.ask(&self.refreshes, form, &[refresh_token]).await
    }

    /// Asks the token endpoint. The `secrets` in the form are kept out of the log, should the pool repeat them.
    async fn ask<'a>(
        &'a self,
        calls: &Semaphore,
        mut form: Vec<(&'a str, &'a str)>,
        secrets: &[&str],
    ) -> Result<Tokens, TokenEndpointError> {
        let secret = self.client_secret.as_ref().map(Secret::expose);
        // `client_secret_post`: unlike Basic it leaves no doubt how a `+` in a secret is encoded.
        form.extend(secret.map(|secret| ("client_secret", secret)));
        let _call = turn(calls, MAX_WAIT).await.ok_or(TokenEndpointError::Busy)?;
        let answer = self.http.post_form(&self.token, &form, None, TOKEN_DEADLINE, MAX_BYTES).await?;
        let body = Zeroizing::new(answer.body);
        let error = match answer.status {
            200 if !answer.is_json => unavailable("its answer is not `application/json`"),
            200 => match tokens(&body) {
                Some(tokens) => return Ok(tokens),
                None => unavailable("its answer contains no bearer tokens"),
            },
            400 | 401 | 403 => {
                let secrets: Vec<_> = secrets.iter().copied().chain(secret).collect();
                refusal(&body, answer.status, &secrets)
            }
            status => unavailable(format_args!("it answered with status {status}")),
        };
        Err(error.after(answer.retry_after))
    }

    /// Revokes a refresh token (RFC 7009), best effort. Cognito documents Basic here, and nothing else.
    pub(crate) async fn revoke(&self, refresh_token: &str) -> Result<(), String> {
        let token = ("token", refresh_token);
        let client_id = ("client_id", self.client_id.as_str());
        let authorization = self.authorization.as_ref();
        let form = if authorization.is_some() { vec![token] } else { vec![token, client_id] };
        let _call =
            turn(&self.revocations, MAX_WAIT_TO_REVOKE).await.ok_or("too many calls are under way")?;
        match self.http.post_form(&self.revoke, &form, authorization, REVOKE_DEADLINE, MAX_BYTES).await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("the pool answered with status {}", answer.status)),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Leave for one call; `None` when there is none for a while.
async fn turn(calls: &Semaphore, patience: Duration) -> Option<SemaphorePermit<'_>> {
    tokio::time::timeout(patience, calls.acquire()).await.ok()?.ok()
}

pub(crate) fn tokens(body: &[u8]) -> Option<Tokens> {
    let text = check_object(body).ok()?;
    let tokens: Tokens = serde_json::from_str(text).ok()?;
    (tokens.token_type.eq_ignore_ascii_case("Bearer") && tokens.error.is_none()).then_some(tokens)
}

/// What a refusal says, for the log; without the `secrets`, should the pool repeat them.
pub(crate) fn refusal(body: &[u8], status: u16, secrets: &[&str]) -> TokenEndpointError {
    let refusal = check_object(body).ok().and_then(|text| serde_json::from_str::<Refusal>(text).ok());
    let Some(refusal) = refusal else {
        return unavailable(format_args!("it answered with status {status} and no OAuth error"));
    };
    let remedy = match refusal.error.as_str() {
        "invalid_grant" => return TokenEndpointError::Grant,
        "server_error" | "temporarily_unavailable" | "slow_down" => {
            return unavailable(format_args!("it answered {}", said(&refusal.error)));
        }
        "invalid_client" => {
            "check `client_id` and `client_secret` against the app client; a client without a secret must have none here"
        }
        "unauthorized_client" => {
            "check that `redirect_url` stands among the client's allowed callback URLs letter for letter, and that \
             the client allows the authorization code grant and, for sessions that last, refresh tokens"
        }
        _ => "check the app client's settings",
    };
    let shown = |text: &str| {
        let secrets = secrets.iter().filter(|secret| !secret.is_empty());
        said(&secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]")))
    };
    let description =
        refusal.error_description.map(|text| format!(" ({})", shown(&text))).unwrap_or_default();
    TokenEndpointError::Client {
        reason: format!("the pool answered {}{description}", shown(&refusal.error)),
        remedy,
    }
}

fn unavailable(reason: impl fmt::Display) -> TokenEndpointError {
    let reason = format!("the pool's token endpoint did not help: {reason}");
    TokenEndpointError::Unavailable { reason, retry_after: None }
}

impl TokenEndpointError {
    /// The same, with what the answer's `Retry-After` says.
    fn after(self, retry_after: Option<Duration>) -> Self {
        match self {
            TokenEndpointError::Unavailable { reason, .. } => {
                TokenEndpointError::Unavailable { reason, retry_after }
            }
            other => other,
        }
    }
}

impl From<HttpError> for TokenEndpointError {
    fn from(error: HttpError) -> Self {
        unavailable(error)
    }
}
