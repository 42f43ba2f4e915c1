//! What our own routes answer, and what is made of the redirect that ends a sign-in.

use std::io::Cursor;

use rocket::http::{ContentType, Status, StatusClass};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result};
use serde_json::{Value, json};

use super::catchers::is_caught;
use super::page;
use crate::denial::{Denial, Reason};
use crate::http::wants_html;

pub(crate) enum RouteResponse {
    /// 303 to a path or URL that has been judged.
    SeeOther(String),
    Json(Value),
    NoContent,
    Refused(Denial),
}

impl RouteResponse {
    pub(crate) fn refused(request: &Request<'_>, reason: Reason) -> Self {
        RouteResponse::Refused(Denial::record(request, reason, None))
    }
}

/// A refusal goes to the application's catcher where it has one.
impl<'r> Responder<'r, 'static> for RouteResponse {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        match self {
            // Not `Redirect`: it turns what it cannot parse into a 500.
            RouteResponse::SeeOther(location) => {
                Response::build().status(Status::SeeOther).raw_header("Location", location).ok()
            }
            RouteResponse::Json(value) => Ok(body(Status::Ok, ContentType::JSON, value.to_string())),
            RouteResponse::NoContent => Response::build().status(Status::NoContent).ok(),
            RouteResponse::Refused(denial)
                if is_caught(request.rocket(), request.uri().path(), denial.status()) =>
            {
                Err(denial.status())
            }
            RouteResponse::Refused(denial) => Ok(refusal(request, &denial)),
        }
    }
}

/// A page for people, JSON for programs.
pub(crate) fn refusal<'r>(request: &Request<'_>, denial: &Denial) -> Response<'r> {
    let status = denial.status();
    if wants_html(request) {
        let mut response = body(status, ContentType::HTML, page::html(denial));
        confine(&mut response);
        response
    } else {
        let value = json!({ "error": denial.code(), "message": denial.message(), "hint": denial.hint() });
        body(status, ContentType::JSON, value.to_string())
    }
}

/// Makes a page that moves on out of the redirect that ends a sign-in: a browser sends `SameSite=Strict` cookies
/// with what a page of this site leads to, not with where a redirect from the pool ends.
pub(crate) fn move_on_by_page(response: &mut Response<'_>) {
    let redirects = response.status().class() == StatusClass::Redirection;
    let location = response.headers().get_one("Location").filter(|_| redirects);
    let Some(page) = location.map(page::signed_in) else { return };
    response.set_status(Status::Ok);
    response.remove_header("Location");
    response.set_header(ContentType::HTML);
    response.set_sized_body(page.len(), Cursor::new(page));
    confine(response);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("Cache-Control", "no-store");
    response.set_raw_header("Referrer-Policy", "no-referrer");
}

/// What a page of ours may do: show its own style, to this window.
fn confine(response: &mut Response<'_>) {
    response.set_raw_header("Content-Security-Policy", page::content_security_policy(page::STYLE));
    response.set_raw_header("Cross-Origin-Opener-Policy", "same-origin");
}

fn body<'r>(status: Status, content_type: ContentType, text: String) -> Response<'r> {
    Response::build().status(status).header(content_type).sized_body(text.len(), Cursor::new(text)).finalize()
}
