//! `POST /`: Cognito's API, as the AWS SDKs call it. Whether a request is signed, and how, makes no difference.
//!
//! Whoever reaches the pool may call it, so web pages must not: what they can send without a preflight is refused.

use std::convert::Infallible;
use std::io::Cursor;
use std::sync::Arc;

use rocket::data::{Data, FromData, Outcome as DataOutcome, ToByteUnit};
use rocket::http::{ContentType, Header, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::response::{self, Responder, Response};
use rocket::{State, post};
use serde_json::{Value, json};

use super::other_site::FromOtherSite;
use crate::local_pool::api::{self, ApiError};
use crate::local_pool::state::Pool;
use crate::token::uuid;

/// The type of requests and answers.
const JSON: &str = "application/x-amz-json-1.1";

/// The operation that is asked for, if it is asked for in the way of the SDKs.
pub(super) struct Target<'r>(Option<&'r str>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Target<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        Outcome::Success(Target(request.headers().get_one("X-Amz-Target")))
    }
}

/// The body of a request, or the answer to one of another type or length.
pub(super) struct Body(Result<Vec<u8>, ApiAnswer>);

#[rocket::async_trait]
impl<'r> FromData<'r> for Body {
    type Error = Infallible;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> DataOutcome<'r, Self> {
        let content_type = request.headers().get_one("Content-Type").unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim();
        if !content_type.eq_ignore_ascii_case(JSON) {
            let problem = format!("The pool's API takes the Content-Type {JSON} alone.");
            let status = Status::UnsupportedMediaType;
            return Outcome::Success(Body(Err(ApiAnswer::refused(
                status,
                "UnsupportedMediaTypeException",
                problem,
            ))));
        }
        let body = match data.open(64.kibibytes()).into_bytes().await {
            Ok(body) if body.is_complete() => Ok(body.into_inner()),
            _ => {
                let status = Status::PayloadTooLarge;
                Err(ApiAnswer::refused(
                    status,
                    "RequestEntityTooLargeException",
                    "64 KiB is the most.".into(),
                ))
            }
        };
        Outcome::Success(Body(body))
    }
}

/// An answer in the form of the API.
pub(super) struct ApiAnswer {
    status: Status,
    outcome: Result<Value, ApiError>,
}

impl ApiAnswer {
    fn of(outcome: Result<Value, ApiError>) -> Self {
        let status = match &outcome {
            Ok(_) => Status::Ok,
            Err(error) if error.kind == "InternalErrorException" => Status::InternalServerError,
            Err(_) => Status::BadRequest,
        };
        ApiAnswer { status, outcome }
    }

    fn refused(status: Status, kind: &'static str, message: String) -> Self {
        ApiAnswer { status, outcome: Err(ApiError::new(kind, message)) }
    }
}

#[post("/", data = "<body>")]
pub(super) fn operation(
    pool: &State<Arc<Pool>>,
    target: Target<'_>,
    other_site: FromOtherSite,
    body: Body,
) -> ApiAnswer {
    if other_site.0 {
        let problem = "Web pages of other origins may not call the pool's API.".to_owned();
        return ApiAnswer::refused(Status::Forbidden, "ForbiddenException", problem);
    }
    match body.0 {
        Ok(bytes) => ApiAnswer::of(api::answer(pool, target.0.unwrap_or_default(), &bytes)),
        Err(refused) => refused,
    }
}

impl<'r> Responder<'r, 'static> for ApiAnswer {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response.status(self.status);
        response.header(ContentType::new("application", "x-amz-json-1.1"));
        response.header(Header::new("x-amzn-RequestId", uuid()));
        let body = match self.outcome {
            Ok(Value::Null) => String::new(),
            Ok(answer) => answer.to_string(),
            Err(ApiError { kind, message }) => {
                response.header(Header::new("x-amzn-errortype", kind));
                json!({ "__type": kind, "message": message }).to_string()
            }
        };
        response.sized_body(body.len(), Cursor::new(body)).ok()
    }
}
