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
use crate::config::{Secret, Settings};
use crate::http::{Http, HttpError, basic};
use crate::report::said;
use crate::token::check_object;

const EXCHANGE_DEADLINE: Duration = Duration::from_secs(8);
const REVOKE_DEADLINE: Duration = Duration::from_millis(1500);
const MAX_BYTES: usize = 64 * 1024;
/// Calls under way at once: strangers with made-up codes must not use up the pool's quota.
const MAX_CALLS: usize = 32;
/// Sign-outs have calls of their own, so that a flood of codes does not leave tokens unrevoked.
const MAX_REVOCATIONS: usize = 8;
const MAX_WAIT: Duration = Duration::from_secs(2);

/// One app client of the pool.
pub(crate) struct Client {
    http: Http,
    exchanges: Semaphore,
    revocations: Semaphore,
    authorize: Url,
    token: String,
    revoke: String,
    logout: Url,
    client_id: String,
    client_secret: Option<Secret>,
    /// The same secret as `client_secret_basic`.
    authorization: Option<HeaderValue>,
    redirect_url: String,
    scopes: Vec<String>,
}

/// What a login may add to the authorize request.
/// Source: Cognito developer guide, "The redirect and authorization endpoint".
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct LoginHints(pub(crate) Vec<(&'static str, String)>);

impl LoginHints {
    /// The parameters that a visitor may set; everything else is ours.
    pub(crate) const ALLOWED: [&'static str; 5] =
        ["identity_provider", "idp_identifier", "login_hint", "lang", "prompt"];
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
pub(crate) enum ExchangeError {
    /// `invalid_grant`: the code is used up, expired, or not for this verifier. Start again.
    Code,
    /// The client is set up wrongly, here or at the pool.
    Client { reason: String, remedy: &'static str },
    /// The pool is down, slow, throttling, or answers nonsense.
    Unavailable(String),
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
            exchanges: Semaphore::new(MAX_CALLS),
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
            redirect_url: settings.redirect_url.clone(),
            scopes: settings.scopes.clone(),
        })
    }

    /// Where to send the browser to sign in. Every parameter stands in it once.
    pub(crate) fn authorize_url(&self, attempt: &Attempt, hints: &LoginHints) -> String {
        let mut url = self.authorize.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client_id)
                .append_pair("redirect_uri", &self.redirect_url)
                .append_pair("state", attempt.state())
                .append_pair("nonce", &attempt.nonce)
                .append_pair("code_challenge", &attempt.challenge())
                .append_pair("code_challenge_method", "S256");
            if !self.scopes.is_empty() {
                query.append_pair("scope", &self.scopes.join(" "));
            }
            for (name, value) in &hints.0 {
                query.append_pair(name, value);
            }
        }
        url.into()
    }

    /// Cognito's own sign-out, which returns to `logout_url`.
    pub(crate) fn logout_url(&self) -> &str {
        self.logout.as_str()
    }

    /// Exchanges a code, once: a second try would find it used up.
    pub(crate) async fn exchange(&self, code: &str, verifier: &str) -> Result<Tokens, ExchangeError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_url.as_str()),
            ("code", code),
            ("code_verifier", verifier),
        ];
        if let Some(secret) = &self.client_secret {
            // `client_secret_post`: unlike Basic it leaves no doubt how a `+` in a secret is encoded.
            form.push(("client_secret", secret.expose()));
        }
        let _call = turn(&self.exchanges).await.ok_or_else(|| unavailable("too many calls are under way"))?;
        let answer = self.http.post_form(&self.token, &form, None, EXCHANGE_DEADLINE, MAX_BYTES).await?;
        let body = Zeroizing::new(answer.body);
        match answer.status {
            200 if !answer.is_json => Err(unavailable("its answer is not `application/json`")),
            200 => tokens(&body).ok_or_else(|| unavailable("its answer contains no bearer tokens")),
            400 | 401 | 403 => {
                let secret = self.client_secret.as_ref().map(Secret::expose);
                Err(refusal(&body, answer.status, &[Some(code), Some(verifier), secret]))
            }
            status => Err(unavailable(format_args!("it answered with status {status}"))),
        }
    }

    /// Revokes a refresh token (RFC 7009), best effort. Cognito documents Basic here, and nothing else.
    pub(crate) async fn revoke(&self, refresh_token: &str) -> Result<(), String> {
        let token = ("token", refresh_token);
        let client_id = ("client_id", self.client_id.as_str());
        let authorization = self.authorization.as_ref();
        let form = if authorization.is_some() { vec![token] } else { vec![token, client_id] };
        let _call = turn(&self.revocations).await.ok_or("too many calls are under way")?;
        match self.http.post_form(&self.revoke, &form, authorization, REVOKE_DEADLINE, MAX_BYTES).await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(format!("the pool answered with status {}", answer.status)),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Leave for one call; `None` when there is none for a while.
async fn turn(calls: &Semaphore) -> Option<SemaphorePermit<'_>> {
    tokio::time::timeout(MAX_WAIT, calls.acquire()).await.ok()?.ok()
}

pub(crate) fn tokens(body: &[u8]) -> Option<Tokens> {
    let text = check_object(body).ok()?;
    let tokens: Tokens = serde_json::from_str(text).ok()?;
    (tokens.token_type.eq_ignore_ascii_case("Bearer") && tokens.error.is_none()).then_some(tokens)
}

/// What a refusal says, for the log; without the `secrets`, should the pool repeat them.
pub(crate) fn refusal(body: &[u8], status: u16, secrets: &[Option<&str>]) -> ExchangeError {
    let refusal = check_object(body).ok().and_then(|text| serde_json::from_str::<Refusal>(text).ok());
    let Some(refusal) = refusal else {
        return unavailable(format_args!("it answered with status {status} and no OAuth error"));
    };
    let remedy = match refusal.error.as_str() {
        "invalid_grant" => return ExchangeError::Code,
        "invalid_client" => {
            "check `client_id` and `client_secret` against the app client; a client without a secret must have none here"
        }
        "unauthorized_client" => {
            "check that `redirect_url` stands among the client's allowed callback URLs letter for letter, and that \
             the client allows the authorization code grant"
        }
        _ => "check the app client's settings",
    };
    let shown = |text: &str| {
        let secrets = secrets.iter().flatten().filter(|secret| !secret.is_empty());
        said(&secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]")))
    };
    let description =
        refusal.error_description.map(|text| format!(" ({})", shown(&text))).unwrap_or_default();
    ExchangeError::Client {
        reason: format!("the pool answered {}{description}", shown(&refusal.error)),
        remedy,
    }
}

fn unavailable(reason: impl fmt::Display) -> ExchangeError {
    ExchangeError::Unavailable(format!("the pool's token endpoint did not help: {reason}"))
}

impl From<HttpError> for ExchangeError {
    fn from(error: HttpError) -> Self {
        unavailable(error)
    }
}
