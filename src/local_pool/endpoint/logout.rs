//! `GET /logout` in both forms: to a sign-out URL of the client, or to a new sign-in.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get};
use rocket_dyn_templates::minijinja::context;

use super::pages::{PageOrRedirect, Pages};
use super::parameters::{Parameters, Query};
use super::redirect::{Found, redirect_mismatch};
use crate::local_pool::state::{Pool, SESSION_COOKIE, session_cookie};

#[get("/logout")]
pub(super) fn logout(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    parameters: Parameters,
    query: &Query,
    cookies: &CookieJar<'_>,
) -> Result<PageOrRedirect, Status> {
    let Some(client_id) = parameters.get("client_id") else { return missing(pages, "client_id") };
    let client = pool.client(client_id);
    let (name, url, registered, destination) = if let Some(url) = parameters.get("logout_uri") {
        ("logout_uri", url, client.as_ref().map(|client| &client.logout_urls), url.to_owned())
    } else {
        // The order in which Cognito misses them.
        let Some(url) = parameters.get("redirect_uri") else { return missing(pages, "redirect_uri") };
        if !parameters.has("response_type") {
            return missing(pages, "response_type");
        }
        let login = format!("/login?{}", query.0);
        ("redirect_uri", url, client.as_ref().map(|client| &client.callback_urls), login)
    };
    if !registered.is_some_and(|registered| registered.iter().any(|known| known == url)) {
        return Ok(PageOrRedirect::Redirect(redirect_mismatch(client_id, name, url)));
    }
    if let Some(cookie) = cookies.get(SESSION_COOKIE) {
        pool.sessions.remove(cookie.value());
        cookies.add(session_cookie(String::new(), 0));
    }
    Ok(PageOrRedirect::Redirect(Found::at(destination)))
}

fn missing(pages: &Pages, parameter: &str) -> Result<PageOrRedirect, Status> {
    let context = context! { parameter };
    pages.render(Status::BadRequest, "cognito/logout.html", context).map(PageOrRedirect::Page)
}
