//! What is sent for tokens when a browser has come back.

use std::fmt;

use super::authorization::PendingSignIn;
use crate::clock::{LEAST_MAX_AGE, UnixSeconds};
use crate::token::{TokenError, VerifiedToken};

/// A code, and what proves that it is for this program: for
/// [`CognitoClient::exchange_code`](crate::client::CognitoClient::exchange_code).
///
/// # Example
/// ```rust
/// use rocket_cognito::client::CodeExchange;
///
/// // Of a sign-in that another program has begun, without PKCE and nonce:
/// let exchange = CodeExchange::new("the code").redirect_url("https://app.example.com/signed-in");
/// ```
#[derive(Clone)]
#[must_use = "give it to `CognitoClient::exchange_code`"]
pub struct CodeExchange<'a> {
    pub(super) code: &'a str,
    pub(super) code_verifier: Option<&'a str>,
    pub(super) nonce: Option<&'a str>,
    pub(super) redirect_url: Option<&'a str>,
    /// The level that the sign-in is to reach, 1 to 4.
    level: Option<u8>,
    /// How old the sign-in may be, in seconds.
    max_age: Option<u64>,
}

impl<'a> CodeExchange<'a> {
    /// The code alone: of an authorization request that had no PKCE challenge, asked for no [`level`](Self::level) or
    /// [`max_age`](Self::max_age), and whose nonce nobody knows. Check `state` before.
    pub fn new(code: &'a str) -> Self {
        CodeExchange {
            code,
            code_verifier: None,
            nonce: None,
            redirect_url: None,
            level: None,
            max_age: None,
        }
    }

    /// The code that answers `begun`, with its verifier, nonce and callback, and the level and age that it asked for.
    /// Check [`PendingSignIn::has_state`] before.
    pub fn of(begun: &'a PendingSignIn, code: &'a str) -> Self {
        CodeExchange {
            code,
            code_verifier: Some(begun.code_verifier()),
            nonce: Some(begun.nonce()),
            redirect_url: Some(begun.redirect_url()),
            level: begun.level(),
            max_age: begun.max_age(),
        }
    }

    /// The verifier, where the authorization request had a challenge (RFC 7636 section 4.5).
    pub fn code_verifier(self, verifier: &'a str) -> Self {
        CodeExchange { code_verifier: Some(verifier), ..self }
    }

    /// The nonce that the ID token has to have (OpenID Connect Core section 3.1.3.7).
    pub fn nonce(self, nonce: &'a str) -> Self {
        CodeExchange { nonce: Some(nonce), ..self }
    }

    /// The callback of the authorization request, instead of the setting `redirect_url`.
    pub fn redirect_url(self, url: &'a str) -> Self {
        CodeExchange { redirect_url: Some(url), ..self }
    }

    /// The level that the authorization request asked for, 1 to 4: a sign-in at a lower one is refused.
    ///
    /// Source: Cognito's developer guide, "Step-up authentication".
    pub fn level(self, level: impl Into<Option<u8>>) -> Self {
        CodeExchange { level: level.into(), ..self }
    }

    /// How old the sign-in may be, in seconds, as the authorization request asked for: an older one is refused, by
    /// `auth_time`. Less than 60 counts as 60, since clocks differ.
    ///
    /// Source: OpenID Connect Core section 3.1.2.1.
    pub fn max_age(self, seconds: impl Into<Option<u64>>) -> Self {
        let max_age = seconds.into().map(|seconds| seconds.max(LEAST_MAX_AGE));
        CodeExchange { max_age, ..self }
    }

    /// Whether the sign-in of this access token is what was asked for: the pool may have ignored that.
    pub(super) fn check_sign_in(&self, access: &VerifiedToken, now: UnixSeconds) -> Result<(), TokenError> {
        let has_level = self.level.is_none_or(|level| access.level.is_some_and(|reached| reached >= level));
        let is_young = |max_age| access.claims.auth_time.is_some_and(|then| now.since(then) <= max_age);
        match has_level && self.max_age.is_none_or(is_young) {
            true => Ok(()),
            false => Err(TokenError::WeakSignIn),
        }
    }
}

/// Codes and verifiers are secrets.
impl fmt::Debug for CodeExchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeExchange").finish_non_exhaustive()
    }
}
