//! `GET /logout` in both forms: to a sign-out URL of the client, or to a new sign-in.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get};
use rocket_dyn_templates::minijinja::context;

use super::authorize::{Found, redirect_mismatch};
use super::login::{Answer, session_cookie};
use super::parameters::{Parameters, Query};
use super::pool::{Pool, SESSION_COOKIE};

#[get("/logout")]
pub(super) fn logout(
    pool: &State<Arc<Pool>>,
    parameters: Parameters,
    query: &Query,
    cookies: &CookieJar<'_>,
) -> Result<Answer, Status> {
    let Some(client_id) = parameters.get("client_id") else { return missing(pool, "client_id") };
    let client = pool.client(client_id);
    let (name, url, registered, destination) = if let Some(url) = parameters.get("logout_uri") {
        ("logout_uri", url, client.map(|client| &client.logout_urls), url.to_owned())
    } else {
        // The order in which Cognito misses them.
        let Some(url) = parameters.get("redirect_uri") else { return missing(pool, "redirect_uri") };
        if !parameters.has("response_type") {
            return missing(pool, "response_type");
        }
        let login = format!("/login?{}", query.0);
        ("redirect_uri", url, client.map(|client| &client.callback_urls), login)
    };
    if !registered.is_some_and(|registered| registered.iter().any(|known| known == url)) {
        return Ok(Answer::Found(redirect_mismatch(client_id, name, url)));
    }
    if let Some(cookie) = cookies.get(SESSION_COOKIE) {
        pool.sessions.remove(cookie.value());
        cookies.add(session_cookie(String::new(), 0));
    }
    Ok(Answer::Found(Found::at(destination)))
}

fn missing(pool: &Pool, parameter: &str) -> Result<Answer, Status> {
    let context = context! { parameter };
    pool.pages.render(Status::BadRequest, "cognito/logout.html", context).map(Answer::Page)
}
