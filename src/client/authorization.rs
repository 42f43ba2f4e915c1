//! The beginning of a sign-in: the address to send a browser to, and what has to be kept until it comes back.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::requirements;
use crate::crypto::{SecretText, serialize_exposed};
use crate::oauth::{AuthorizationParameters, AuthorizationRequest, RequestError, challenge, hint_setters};
use crate::pool::ClientError;
use crate::pool::UserPool;

/// An authorization request in the making: see [`CognitoClient::authorization`](super::CognitoClient::authorization).
///
/// State, nonce and PKCE challenge are always made for this one sign-in. Nothing in a value can add or replace another
/// parameter.
///
/// # Example
/// ```rust
/// # use rocket_cognito::client::CognitoClient;
/// # let client = CognitoClient::new([
/// #     ("user_pool_id", "eu-west-1_AbC123"), ("client_id", "web"), ("domain", "acme"),
/// #     ("redirect_url", "https://app.example.com/cb"),
/// # ])?;
/// let begun = client.authorization().identity_provider("Google").lang("de").begin()?;
/// assert!(begun.url().starts_with("https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Sources: RFC 6749 section 4.1.1, RFC 7636, and Cognito's developer guide, "The redirect and authorization endpoint".
#[derive(Clone)]
#[must_use = "a sign-in begins with `begin`"]
pub struct SignInRequest<'c> {
    pool: &'c UserPool,
    redirect_url: Option<String>,
    request: AuthorizationRequest,
}

impl<'c> SignInRequest<'c> {
    pub(super) fn new(pool: &'c UserPool) -> Self {
        SignInRequest { pool, redirect_url: None, request: AuthorizationRequest::default() }
    }

    /// The scopes to ask for, instead of those of the setting `scopes`; `openid` must be among them, and none that
    /// Cognito does not have, such as `offline_access`: every sign-in at Cognito brings a refresh token.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.request.scopes(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The resource that the access token is for (RFC 8707): its `aud`. It has to be the setting `resource` or one of
    /// `accepted_audiences`.
    pub fn resource(mut self, url: impl Into<String>) -> Self {
        self.request.resource(url.into());
        self
    }

    /// The callback to return to, instead of the setting `redirect_url`.
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.redirect_url = Some(url.into());
        self
    }

    hint_setters! {}

    /// `login` asks for the password again, `select_account` for the account, `none` for nothing at all (managed login
    /// only).
    pub fn prompt<'a>(self, prompt: impl Into<Option<&'a str>>) -> Self {
        self.hint("prompt", prompt.into())
    }

    /// Asks for a sign-in of this level, 1 to 4, or a higher one, by `acr_values`. Cognito may sign somebody in at a lower
    /// one without a word: [`CognitoClient::exchange_code`](super::CognitoClient::exchange_code) refuses that, where it
    /// is given [`CodeExchange::of`](super::CodeExchange::of) this sign-in.
    ///
    /// Source: Cognito's developer guide, "Step-up authentication".
    pub fn level(mut self, level: u8) -> Self {
        self.request.set_level(level);
        self
    }

    /// Asks for a sign-in that is at most so many seconds old, by `max_age`; an older one is refused as one of a lower
    /// [`level`](Self::level) is. Less than 60 counts as 60, since clocks differ.
    ///
    /// Source: OpenID Connect Core section 3.1.2.1.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.request.set_max_age(seconds);
        self
    }

    fn hint(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.request.hint(name, value);
        self
    }

    /// The request, at Cognito's authorization endpoint.
    ///
    /// # Errors
    /// [`is_misconfigured`](ClientError::is_misconfigured) without `domain` or `redirect_url`, and where a value cannot
    /// be used: control characters, more than 256 bytes, scopes without `openid` or unknown to Cognito, a level other than
    /// 1 to 4, a resource that the settings do not accept.
    pub fn begin(self) -> Result<PendingSignIn, ClientError> {
        self.begun(false)
    }

    /// Begins the sign-in by way of Cognito's sign-out, which ends the pool's own session: for whoever wants another
    /// account.
    ///
    /// # Errors
    /// The errors of [`begin`](Self::begin).
    pub fn begin_after_logout(self) -> Result<PendingSignIn, ClientError> {
        self.begun(true)
    }

    fn begun(self, after_logout: bool) -> Result<PendingSignIn, ClientError> {
        let endpoints = requirements::endpoints(self.pool)?;
        self.request.check(endpoints.scopes_of()).map_err(|error| match error {
            RequestError::Hint => ClientError::misconfigured("a value cannot be sent", MAX_HINT),
            RequestError::App(name, problem) => {
                ClientError::misconfigured(format!("`{name}` {problem}"), "correct what the program gives")
            }
        })?;
        if let Some(resource) = self.request.resource_asked_for()
            && !self.pool.accepts_audience(resource)
        {
            return Err(ClientError::misconfigured(
                "`resource` is neither the setting of that name nor one of `accepted_audiences`, letter for letter",
                "list it in `accepted_audiences`: the token would not count here",
            ));
        }
        let redirect_url = match self.redirect_url {
            Some(url) => url,
            None => requirements::redirect_url(self.pool)?.to_owned(),
        };
        let mut begun = PendingSignIn {
            url: String::new(),
            state: SecretText::random::<32>(),
            nonce: SecretText::random::<32>(),
            code_verifier: SecretText::random::<48>(),
            redirect_url,
            level: self.request.level(),
            max_age: self.request.max_age(),
        };
        let parameters = AuthorizationParameters {
            redirect_url: &begun.redirect_url,
            state: &begun.state,
            nonce: &begun.nonce,
            challenge: challenge(&begun.code_verifier),
        };
        let url = match after_logout {
            false => endpoints.authorize_url(&parameters, &self.request),
            true => endpoints.logout_and_authorize_url(&parameters, &self.request),
        };
        begun.url = url;
        Ok(begun)
    }
}

/// What a program hands on of a person is not for logs.
impl fmt::Debug for SignInRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInRequest").finish_non_exhaustive()
    }
}

const MAX_HINT: &str = "at most 256 bytes without control characters";

/// A sign-in that has begun. Keep it where only this browser's callback finds it, such as a server-side session, and
/// drop it when the callback has come: it counts once.
///
/// It serializes, for such a place; `state`, `nonce` and `code_verifier` are secrets, which `Debug` does not show.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct PendingSignIn {
    url: String,
    #[serde(serialize_with = "serialize_exposed")]
    state: SecretText,
    #[serde(serialize_with = "serialize_exposed")]
    nonce: SecretText,
    #[serde(serialize_with = "serialize_exposed")]
    code_verifier: SecretText,
    redirect_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
}

impl PendingSignIn {
    /// Where to send the browser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the callback's parameter `state` is this sign-in's (RFC 6749 section 10.12). If it is not, refuse the
    /// callback before anything else is done with it.
    #[must_use]
    pub fn has_state(&self, state: &str) -> bool {
        self.state.same(state)
    }

    /// The parameter `state`, 256 random bits.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.expose()
    }

    /// The nonce that the ID token has to repeat (OpenID Connect Core section 3.1.2.1).
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.nonce.expose()
    }

    /// The verifier of PKCE (RFC 7636 section 4.1).
    #[must_use]
    pub fn code_verifier(&self) -> &str {
        self.code_verifier.expose()
    }

    /// The callback.
    #[must_use]
    pub fn redirect_url(&self) -> &str {
        &self.redirect_url
    }

    /// The level that the sign-in is to reach, 1 to 4, where one was asked for: give it to
    /// [`CodeExchange::level`](super::CodeExchange::level).
    #[must_use]
    pub fn level(&self) -> Option<u8> {
        self.level
    }

    /// How old the sign-in may be, in seconds, where that was asked for: give it to
    /// [`CodeExchange::max_age`](super::CodeExchange::max_age).
    #[must_use]
    pub fn max_age(&self) -> Option<u64> {
        self.max_age
    }
}

impl fmt::Debug for PendingSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingSignIn").field("redirect_url", &self.redirect_url).finish_non_exhaustive()
    }
}
