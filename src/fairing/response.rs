//! What each response gets beside what the route has answered: cookies, and headers.

use rocket::http::Header;
use rocket::{Request, Response};

use super::count::{count_answer, count_sign_in};
use super::uncaught;
use crate::app::{App, run_logged};
use crate::config::{Resource, SameSite};
use crate::denial::Denial;
use crate::http::headers;
use crate::request::{RequestOutcome, RequestState, ResponseChanges, answered_denial, save_session};
use crate::routes::move_on_by_page;
use crate::session::SessionChange;
use crate::telemetry::Hook;

/// Saves what the request has done to its session, and adds the cookies and headers that follow from the request.
pub(super) async fn finish_response<'r>(request: &'r Request<'_>, response: &mut Response<'r>) {
    let state = RequestState::of(request);
    let RequestOutcome {
        is_guarded,
        credential,
        sign_in,
        exchanged,
        is_own_route,
        denial,
        response: changes,
    } = state.finish();
    let app = App::of(request.rocket());
    let ResponseChanges { mut cookies, session, tasks } = changes;
    let has_own_policy = headers::has(response.headers(), "Cache-Control");
    let is_refused = response.status().code >= 400;
    if let (Some(end), Some(app)) = (sign_in, app) {
        let is_over = session.as_ref().is_some_and(|change| is_over(app, change));
        count_sign_in(app, end, exchanged.as_deref(), is_refused, is_over);
    }
    if let (Some(change), Some(app)) = (session, app)
        && let Some(parts) = &app.sign_in
    {
        // In a box of its own, so that answers without a change cost no more.
        let saved = Box::pin(save_session(request, app, parts, &change, is_refused)).await;
        cookies.extend(saved);
        let is_sign_in = matches!(change, SessionChange::Begun(_));
        if is_sign_in && app.settings.cookies.same_site == SameSite::Strict {
            move_on_by_page(request, response);
        }
    }
    for task in tasks {
        let _ = task.await;
    }
    for cookie in cookies {
        response.adjoin_header(&cookie);
    }
    if is_own_route || denial.is_some() || is_guarded {
        if has_own_policy {
            // What a guard decides depends on both headers. What nobody stores needs no such word.
            let vary = app.map_or("Cookie, Authorization", |app| &app.vary);
            response.adjoin_header(Header::new("Vary", vary));
        } else {
            response.set_raw_header("Cache-Control", "no-store");
        }
    }
    if is_own_route {
        response.set_raw_header("Referrer-Policy", "no-referrer");
    }
    // Rocket's shield says so too, unless it is detached.
    if (is_own_route || denial.is_some()) && !headers::has(response.headers(), "X-Content-Type-Options") {
        response.set_raw_header("X-Content-Type-Options", "nosniff");
    }
    let resource = app.and_then(|app| app.settings.bearer.resource.as_ref());
    add_headers_of(denial.as_ref(), resource, is_own_route, request, response);
    let Some(app) = app else { return };
    let status = response.status();
    let answered = denial.as_ref().and_then(|_| answered_denial(request, status, response.headers()));
    let credential = credential.filter(|_| !is_own_route);
    count_answer(request, app, credential, denial.as_ref(), answered.as_ref(), status);
    if let (Some(hook), Some(denial)) = (&app.hooks.on_denial, &answered) {
        // In a box of its own, so that answers without a refusal cost no more.
        Box::pin(run_logged(&app.counts, Hook::OnDenial, || hook(request, denial))).await;
    }
}

/// Whether a session that begins with this answer has ended already.
fn is_over(app: &App, change: &SessionChange) -> bool {
    match (change, &app.sign_in) {
        (SessionChange::Begun(issued), Some(parts)) => parts.sessions.is_over(issued),
        _ => false,
    }
}

/// Adds what an answer has where it is that of the `denial`.
fn add_headers_of(
    denial: Option<&Denial>,
    resource: Option<&Resource>,
    is_own_route: bool,
    request: &Request<'_>,
    response: &mut Response<'_>,
) {
    let Some(denial) = denial.filter(|denial| denial.status() == response.status()) else { return };
    if denial.asks_for_sign_in() && !is_own_route {
        uncaught::report(request, response);
    }
    // An application may have answered with a challenge of its own.
    if let Some(challenge) =
        denial.challenge().filter(|_| !headers::has(response.headers(), "WWW-Authenticate"))
    {
        response.set_raw_header("WWW-Authenticate", with_metadata(challenge, resource));
    }
    if let Some(method) = denial.allowed_method() {
        response.set_raw_header("Allow", method);
    }
    if let Some(seconds) = denial.retry_after() {
        response.set_raw_header("Retry-After", seconds.to_string());
    }
}

/// The challenge with the place of the resource's metadata (RFC 9728 section 5.1).
fn with_metadata(value: String, resource: Option<&Resource>) -> String {
    let Some(resource) = resource else { return value };
    // A scheme without parameters has no comma after it.
    let separator = if value.contains(' ') { ", " } else { " " };
    format!("{value}{separator}resource_metadata=\"{}\"", resource.metadata_url)
}
