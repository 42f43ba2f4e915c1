//! What our own routes answer, and what is made of the redirect that ends a sign-in.

use std::io::Cursor;

use rocket::http::{ContentType, Status, StatusClass};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result};
use serde_json::{Value, json};

use super::catchers::is_caught;
use super::page;
use crate::denial::{Denial, Reason};
use crate::http::{is_framed, is_htmx, is_turbo_prefetch, is_unsafe, takes_turbo_stream, wants_html};

/// Where htmx is to lead the browser, whatever the status.
pub(super) const HX_REDIRECT: &str = "HX-Redirect";

pub(crate) enum RouteResponse {
    /// 303 to a path or URL that has been judged.
    SeeOther(String),
    /// On to a path or URL that has been judged, in the way in which this client follows to another site.
    LeadTo(String),
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
            RouteResponse::SeeOther(location) => Ok(see_other(location)),
            RouteResponse::LeadTo(url) => Ok(lead_to(request, url)),
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

/// Not `Redirect`: it turns what it cannot parse into a 500.
pub(crate) fn see_other<'r>(location: String) -> Response<'r> {
    Response::build().status(Status::SeeOther).raw_header("Location", location).finalize()
}

/// A redirect leaves the site where a link was followed. A form's answer may not, by its page's Content-Security-Policy
/// (`form-action 'self'`); nor can a script, and the pool opens in no frame.
fn lead_to<'r>(request: &Request<'_>, url: String) -> Response<'r> {
    if is_htmx(request) {
        return Response::build().status(Status::NoContent).raw_header(HX_REDIRECT, url).finalize();
    }
    if takes_turbo_stream(request) {
        let stream = ContentType::new("text", "vnd.turbo-stream.html");
        return body(Status::Ok, stream, page::turbo_stream(&url));
    }
    if !wants_html(request) || !(is_unsafe(request) || is_framed(request)) {
        return see_other(url);
    }
    let html = if is_framed(request) { page::to_pool_from_frame(&url) } else { page::to_pool(&url) };
    page_response(request, Status::Ok, html)
}

/// A page for people, JSON for programs.
pub(crate) fn refusal<'r>(request: &Request<'_>, denial: &Denial) -> Response<'r> {
    let status = denial.status();
    if denial.begins_again() {
        see_other(denial.login_path().to_owned())
    } else if wants_html(request) && !is_turbo_prefetch(request) {
        page_response(request, status, page::html(denial))
    } else {
        let value = json!({ "error": denial.code(), "message": denial.message(), "hint": denial.hint() });
        body(status, ContentType::JSON, value.to_string())
    }
}

/// Makes a page that moves on out of the redirect that ends a sign-in: a browser sends `SameSite=Strict` cookies
/// with what a page of this site leads to, not with where a redirect from the pool ends.
pub(crate) fn move_on_by_page(request: &Request<'_>, response: &mut Response<'_>) {
    let redirects = response.status().class() == StatusClass::Redirection;
    let location = response.headers().get_one("Location").filter(|_| redirects);
    let Some(page) = location.map(page::signed_in) else { return };
    response.set_status(Status::Ok);
    response.remove_header("Location");
    response.set_header(ContentType::HTML);
    response.set_sized_body(page.len(), Cursor::new(page));
    confine(request, response);
    response.set_raw_header("X-Content-Type-Options", "nosniff");
    response.set_raw_header("Cache-Control", "no-store");
    response.set_raw_header("Referrer-Policy", "no-referrer");
}

fn page_response<'r>(request: &Request<'_>, status: Status, html: String) -> Response<'r> {
    let mut response = body(status, ContentType::HTML, html);
    confine(request, &mut response);
    response
}

/// What a page of ours may do: show its own style, to this window, or in the frame of this site that asked for it.
fn confine(request: &Request<'_>, response: &mut Response<'_>) {
    let ancestors = if is_framed(request) { "'self'" } else { "'none'" };
    let policy = page::content_security_policy(page::STYLE, ancestors);
    response.set_raw_header("Content-Security-Policy", policy);
    response.set_raw_header("Cross-Origin-Opener-Policy", "same-origin");
}

fn body<'r>(status: Status, content_type: ContentType, text: String) -> Response<'r> {
    Response::build().status(status).header(content_type).sized_body(text.len(), Cursor::new(text)).finalize()
}
