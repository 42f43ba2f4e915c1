//! What a client wants to register (RFC 7591 section 2).

use rocket::data::{Data, FromData, Outcome as DataOutcome, ToByteUnit};
use rocket::outcome::Outcome;
use rocket::request::Request;
use serde::Deserialize;

use super::oauth_error::OAuthError;
use crate::http::read_object;

/// The members that the pool knows; it ignores others.
#[derive(Deserialize)]
pub(super) struct ClientMetadata {
    #[serde(default)]
    pub(super) redirect_uris: Option<Vec<String>>,
    #[serde(default)]
    pub(super) grant_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) response_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) scope: Option<String>,
    #[serde(default)]
    pub(super) token_endpoint_auth_method: Option<String>,
    #[serde(default)]
    pub(super) client_name: Option<String>,
}

/// The body of a request, or why it is none.
pub(super) struct RegistrationBody(pub(super) Result<ClientMetadata, OAuthError>);

#[rocket::async_trait]
impl<'r> FromData<'r> for RegistrationBody {
    type Error = std::convert::Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> DataOutcome<'r, Self> {
        let refused =
            |problem| RegistrationBody(Err(OAuthError::described("invalid_client_metadata", problem)));
        if !request.content_type().is_some_and(|content_type| content_type.is_json()) {
            return Outcome::Success(refused("The Content-Type has to be application/json."));
        }
        let body = match data.open(64.kibibytes()).into_bytes().await {
            Ok(body) if body.is_complete() => body.into_inner(),
            _ => return Outcome::Success(refused("The body is too long: 64 KiB are accepted.")),
        };
        let metadata = read_object(&body);
        Outcome::Success(metadata.map_or_else(
            |_| refused("The body is no JSON object, names a member twice, or has one of another type."),
            |metadata| RegistrationBody(Ok(metadata)),
        ))
    }
}
