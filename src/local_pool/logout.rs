//! `GET /logout` with `client_id` and `logout_uri`.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get};
use rocket_dyn_templates::minijinja::context;

use super::authorize::{Found, redirect_mismatch};
use super::login::{Answer, session_cookie};
use super::parameters::Parameters;
use super::pool::{Pool, SESSION_COOKIE};

#[get("/logout")]
pub(super) fn logout(
    pool: &State<Arc<Pool>>,
    query: Parameters,
    cookies: &CookieJar<'_>,
) -> Result<Answer, Status> {
    let Some(client_id) = query.get("client_id") else { return missing(pool, "client_id") };
    // Cognito's words: it goes on to look for its other form of sign-out, which asks for this.
    let Some(logout_uri) = query.get("logout_uri") else { return missing(pool, "redirect_uri") };
    let registered =
        pool.client(client_id).is_some_and(|client| client.logout_urls.iter().any(|url| url == logout_uri));
    if !registered {
        return Ok(Answer::Found(redirect_mismatch(client_id, "logout_uri", logout_uri)));
    }
    if let Some(cookie) = cookies.get(SESSION_COOKIE) {
        pool.sessions.remove(cookie.value());
        cookies.add(session_cookie(String::new(), 0));
    }
    Ok(Answer::Found(Found::at(logout_uri.to_owned())))
}

fn missing(pool: &Pool, parameter: &str) -> Result<Answer, Status> {
    let context = context! { parameter };
    pool.pages.render(Status::BadRequest, "cognito/logout.html", context).map(Answer::Page)
}
