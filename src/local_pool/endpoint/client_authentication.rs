//! Who is calling: `client_secret_basic`, `client_secret_post` or a public client; or the bearer of a token.

use std::convert::Infallible;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};

use super::oauth_error::OAuthError;
use crate::crypto::same;
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::Pool;

/// The `Authorization` header, if there is one.
pub(super) struct AuthorizationHeader<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for AuthorizationHeader<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        Outcome::Success(AuthorizationHeader(request.headers().get_one("Authorization")))
    }
}

impl<'r> AuthorizationHeader<'r> {
    /// The token of `Bearer` (RFC 6750 section 2.1).
    pub(super) fn bearer(&self) -> Option<&'r str> {
        let (scheme, token) = self.0?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return None;
        }
        Some(token.trim()).filter(|token| !token.is_empty())
    }
}

/// The client that the header, or else the form's `client_id` and secret, proves.
pub(super) fn authenticate(
    pool: &Pool,
    header: &AuthorizationHeader<'_>,
    form_client_id: Option<&str>,
    form_secret: Option<&str>,
) -> Result<Arc<LocalClient>, OAuthError> {
    let basic = header.0.map(|text| basic(text).ok_or_else(OAuthError::invalid_client)).transpose()?;
    let (client_id, secret) = match &basic {
        Some(_) if form_secret.is_some() => return Err(OAuthError::invalid_request()),
        Some((id, _)) if form_client_id.is_some_and(|form_id| form_id != id) => {
            return Err(OAuthError::invalid_client());
        }
        Some((id, secret)) => (id.as_str(), Some(secret.as_str())),
        None => (form_client_id.ok_or_else(OAuthError::invalid_request)?, form_secret),
    };
    let client = pool.client(client_id).ok_or_else(OAuthError::invalid_client)?;
    match (client.required_secret(), secret) {
        (None, None) => Ok(client),
        (Some(required), Some(secret)) if same(required.expose(), secret) => Ok(client),
        (Some(_), _) => Err(OAuthError::described("invalid_client", "invalid_client_secret")),
        // Even an empty password in the header is one too many for a public client.
        (None, Some(_)) => Err(OAuthError::invalid_client()),
    }
}

/// Id and secret as Cognito reads them: plain, without the form-encoding of RFC 6749.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.into(), secret.into()))
}
