//! Errors of the token, revocation, userInfo and registration endpoints, the first three in Cognito's words.

use rocket::http::{Header, Status};
use rocket::request::Request;
use rocket::response::{self, Responder};
use rocket::serde::json::Json;
use serde::Serialize;

/// `{"error": …}`; Cognito's status is 400 unless stated otherwise.
pub(super) struct OAuthError {
    status: Status,
    body: Body,
    /// What stands before the error in the header `WWW-Authenticate`, where it is sent there too.
    in_header: Option<&'static str>,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<&'static str>,
}

impl OAuthError {
    pub(super) fn new(error: &'static str) -> Self {
        OAuthError {
            status: Status::BadRequest,
            body: Body { error, error_description: None },
            in_header: None,
        }
    }

    pub(super) fn described(error: &'static str, description: &'static str) -> Self {
        let mut this = OAuthError::new(error);
        this.body.error_description = Some(description);
        this
    }

    pub(super) fn invalid_request() -> Self {
        OAuthError::new("invalid_request")
    }

    pub(super) fn invalid_client() -> Self {
        OAuthError::new("invalid_client")
    }

    pub(super) fn invalid_grant() -> Self {
        OAuthError::new("invalid_grant")
    }

    /// The pool itself failed.
    pub(super) fn internal() -> Self {
        OAuthError { status: Status::InternalServerError, ..OAuthError::new("server_error") }
    }

    /// Reports the error as the revocation endpoint does: with 401 for a client that is not itself.
    pub(super) fn at_revocation(mut self) -> Self {
        if self.body.error == "invalid_client" {
            self.status = Status::Unauthorized;
        }
        self
    }

    /// Reports the error as the userInfo endpoint does: with 401 for a token that does not count, and in a header too.
    pub(super) fn at_user_info(mut self) -> Self {
        if self.body.error == "invalid_token" {
            self.status = Status::Unauthorized;
        }
        // Cognito's has no scheme in front.
        self.in_header = Some("");
        self
    }

    /// Reports an access token that does not count, as RFC 6750 section 3 says.
    pub(super) fn invalid_bearer(description: &'static str) -> Self {
        let this = OAuthError::described("invalid_token", description);
        OAuthError { status: Status::Unauthorized, in_header: Some("Bearer "), ..this }
    }

    /// The pool has no room for more.
    pub(super) fn full(description: &'static str) -> Self {
        let this = OAuthError::described("temporarily_unavailable", description);
        OAuthError { status: Status::ServiceUnavailable, ..this }
    }
}

impl<'r> Responder<'r, 'static> for OAuthError {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let header = self.in_header.map(|scheme| {
            let Body { error, error_description } = &self.body;
            let description = error_description.unwrap_or_default();
            format!("{scheme}error=\"{error}\", error_description=\"{description}\"")
        });
        let mut response = (self.status, Json(self.body)).respond_to(request)?;
        if let Some(header) = header {
            response.set_header(Header::new("WWW-Authenticate", header));
        }
        Ok(response)
    }
}
