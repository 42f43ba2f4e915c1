//! What a real pool answers when it does not want, or cannot.

use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::response::{self, Responder, Response};

/// A failure of the pool, for [`LocalPool::fail`](crate::local_pool::LocalPool::fail). At `/`, Cognito's API fails in its
/// own form, with status 400 for what is 429 or 403 elsewhere: `TooManyRequestsException`, `ForbiddenException`,
/// `InternalErrorException` and `ServiceUnavailableException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// 429 with the JSON of a `TooManyRequestsException`: over a quota. See "Quotas in Amazon Cognito" in
    /// Cognito's developer guide.
    Throttled {
        /// The header `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// 403 with HTML: the firewall (AWS WAF) in front of the pool took offence.
    Blocked,
    /// 500 with HTML.
    ServerError,
    /// 503 with HTML.
    Unavailable,
}

impl Failure {
    /// The failure as the SDK's API reports it.
    fn of_api(self) -> (Status, &'static str, &'static str) {
        match self {
            Failure::Throttled { .. } => (Status::BadRequest, "TooManyRequestsException", "Rate exceeded"),
            Failure::Blocked => {
                (Status::BadRequest, "ForbiddenException", "Request not allowed due to WAF block.")
            }
            Failure::ServerError => {
                (Status::InternalServerError, "InternalErrorException", "Internal server error")
            }
            Failure::Unavailable => {
                (Status::ServiceUnavailable, "ServiceUnavailableException", "Service unavailable")
            }
        }
    }

    fn status(self) -> Status {
        match self {
            Failure::Throttled { .. } => Status::TooManyRequests,
            Failure::Blocked => Status::Forbidden,
            Failure::ServerError => Status::InternalServerError,
            Failure::Unavailable => Status::ServiceUnavailable,
        }
    }
}

impl<'r> Responder<'r, 'static> for Failure {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let status = self.status();
        let mut response = Response::build();
        response.status(status);
        if let Failure::Throttled { retry_after: Some(seconds) } = self {
            response.header(Header::new("Retry-After", seconds.to_string()));
        }
        if request.headers().contains("X-Amz-Target") {
            let (status, kind, message) = self.of_api();
            let body = format!(r#"{{"__type":"{kind}","message":"{message}"}}"#);
            response.status(status).header(ContentType::new("application", "x-amz-json-1.1"));
            response.header(Header::new("x-amzn-errortype", kind));
            response.sized_body(body.len(), Cursor::new(body));
        } else if let Failure::Throttled { .. } = self {
            let body = r#"{"__type":"TooManyRequestsException","message":"Too many requests"}"#;
            response.header(ContentType::JSON).sized_body(body.len(), Cursor::new(body));
        } else {
            let head = format!("<head><title>{status}</title></head>");
            let body = format!("<html>\n{head}\n<body><center><h1>{status}</h1></center></body>\n</html>\n");
            response.header(ContentType::HTML).sized_body(body.len(), Cursor::new(body));
        }
        response.ok()
    }
}

/// The failure that this request ends in.
#[derive(Clone, Copy)]
pub(crate) struct PlannedFailure(pub(crate) Option<Failure>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for PlannedFailure {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Self::Error> {
        Outcome::Success(*request.local_cache(|| PlannedFailure(None)))
    }
}
