//! What a real pool answers when it does not want, or cannot.

use std::io::Cursor;

use rocket::http::{ContentType, Header, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::response::{self, Responder, Response};

/// A failure of the pool, for [`LocalPool::fail`](crate::local_pool::LocalPool::fail).
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
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let status = self.status();
        let mut response = Response::build();
        response.status(status);
        if let Failure::Throttled { retry_after } = self {
            let body = r#"{"__type":"TooManyRequestsException","message":"Too many requests"}"#;
            response.header(ContentType::JSON).sized_body(body.len(), Cursor::new(body));
            if let Some(seconds) = retry_after {
                response.header(Header::new("Retry-After", seconds.to_string()));
            }
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
