//! What the pool says about a user at its userInfo endpoint.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::Value;

use super::client_error::ClientError;
use super::text_attributes::text_attributes;
use crate::http::check_object;
use crate::oauth::{EndpointError, Endpoints};
use crate::token::TokenError;

/// A user's attributes as they are in the pool now, by
/// [`CognitoUser::fetch_user_info`](crate::CognitoUser::fetch_user_info). Which of them there are is decided by the
/// access token's scopes and the app client's read permissions; groups are never among them.
///
/// Sources: OpenID Connect Core section 5.3, and Cognito's developer guide, "The userInfo endpoint".
#[derive(Clone)]
pub struct UserInfo {
    attributes: Attributes,
    answer: Value,
}

#[derive(Clone, Deserialize)]
struct Attributes {
    sub: String,
    username: Option<String>,
    email: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    email_verified: Option<bool>,
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    phone_number_verified: Option<bool>,
    name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    picture: Option<String>,
    locale: Option<String>,
}

/// Cognito writes these as texts.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => Some(flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ => None,
    })
}

impl UserInfo {
    /// Asks the pool about whom `access_token` is of, which has to be `sub`.
    pub(crate) async fn fetch(
        client: &Endpoints,
        access_token: &str,
        sub: &str,
    ) -> Result<Self, ClientError> {
        let body = client.user_info(access_token).await?;
        let info = UserInfo::parse(&body).ok_or_else(|| ClientError::from(EndpointError::no_user_info()))?;
        // A token substitution attack (OpenID Connect Core section 16.11).
        if info.sub() == sub { Ok(info) } else { Err(TokenError::Subject.into()) }
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let answer: Value = serde_json::from_str(check_object(body).ok()?).ok()?;
        let attributes = Attributes::deserialize(&answer).ok()?;
        Some(UserInfo { attributes, answer })
    }

    /// The user's id in the pool, the same as [`CognitoUser::sub`](crate::CognitoUser::sub).
    #[must_use]
    pub fn sub(&self) -> &str {
        &self.attributes.sub
    }

    text_attributes! {
        (self) self.attributes => username email phone_number name given_name family_name picture locale
    }

    /// `email_verified`, which Cognito writes as a text here.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.attributes.email_verified
    }

    /// `phone_number_verified`, which Cognito writes as a text here.
    #[must_use]
    pub fn phone_number_verified(&self) -> Option<bool> {
        self.attributes.phone_number_verified
    }

    /// The whole answer as a type of your own.
    ///
    /// # Errors
    /// When it does not fit `T`.
    pub fn claims<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(&self.answer)
    }
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfo").field("sub", &self.sub()).finish_non_exhaustive()
    }
}
