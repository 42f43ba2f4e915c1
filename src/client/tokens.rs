//! The tokens of a sign-in, as data.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::crypto::{SecretText, serialize_exposed, serialize_exposed_option};
use crate::oauth;

/// The tokens of a sign-in. They serialize, to be kept elsewhere: all of them are secrets, which `Debug` does not show.
///
/// When they come from a [`CognitoClient`](crate::client::CognitoClient) they have been verified. What they say is told
/// by [`verify_access_token`](crate::client::CognitoClient::verify_access_token) and
/// [`verify_id_token`](crate::client::CognitoClient::verify_id_token), wherever they have been in between.
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenSet {
    #[serde(serialize_with = "serialize_exposed")]
    access_token: SecretText,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "serialize_exposed_option")]
    id_token: Option<SecretText>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "serialize_exposed_option")]
    refresh_token: Option<SecretText>,
    /// When the access token expires.
    expires_at: UnixSeconds,
}

impl TokenSet {
    /// Tokens that another program has got, whose access token expires at `expires_at`.
    ///
    /// # Example
    /// ```rust
    /// use std::time::SystemTime;
    /// use rocket_cognito::client::TokenSet;
    ///
    /// let tokens = TokenSet::new("access token", SystemTime::now()).with_refresh_token("refresh token");
    /// assert_eq!(tokens.refresh_token(), Some("refresh token"));
    /// ```
    #[must_use]
    pub fn new(access_token: impl Into<String>, expires_at: SystemTime) -> Self {
        TokenSet {
            access_token: access_token.into().into(),
            id_token: None,
            refresh_token: None,
            expires_at: expires_at.into(),
        }
    }

    /// Adds this ID token.
    #[must_use]
    pub fn with_id_token(mut self, token: impl Into<String>) -> Self {
        self.id_token = Some(token.into().into());
        self
    }

    /// Adds this refresh token.
    #[must_use]
    pub fn with_refresh_token(mut self, token: impl Into<String>) -> Self {
        self.refresh_token = Some(token.into().into());
        self
    }

    /// An answer of the pool; without a new refresh token the `present` one goes on.
    pub(super) fn of(issued: oauth::TokenResponse, present: Option<&str>, expires_at: UnixSeconds) -> Self {
        let present = present.map(|token| token.to_owned().into());
        TokenSet {
            access_token: issued.access_token,
            id_token: issued.id_token,
            refresh_token: issued.refresh_token.or(present),
            expires_at,
        }
    }

    /// The access token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// The ID token; Cognito sends one when the scopes include `openid`.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        self.id_token.as_ref().map(SecretText::expose)
    }

    /// The refresh token.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.refresh_token.as_ref().map(SecretText::expose)
    }

    /// When the access token expires.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at.into()
    }

    /// Whether the access token expires within `ahead` seconds.
    pub(super) fn is_due(&self, ahead: u64, now: SystemTime) -> bool {
        UnixSeconds::from(now).plus(ahead) >= self.expires_at
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet").field("expires_at", &self.expires_at.0).finish_non_exhaustive()
    }
}
