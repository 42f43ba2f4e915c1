//! `/login`: the sign-in page, with Cognito's field names.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use rocket::http::{Cookie, CookieJar, SameSite, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::response::Responder;
use rocket::time::Duration;
use rocket::{State, get, post};
use rocket_dyn_templates::minijinja::context;

use super::authorize::{AuthorizeRequest, Found};
use super::pages::Page;
use super::parameters::Parameters;
use super::pool::{Pool, SESSION_COOKIE, SESSION_SECONDS, Session};
use super::user::LocalUser;
use crate::crypto::base64url;

#[derive(Responder)]
pub(super) enum Answer {
    Found(Found),
    Page(Page),
}

/// Whether the browser says that another site sent this form: in `Sec-Fetch-Site`, or an older one in
/// `Origin`. What says nothing, such as curl, passes.
pub(super) struct FromOtherSite(bool);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FromOtherSite {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        let own_origin = request.host().map(|host| format!("http://{host}"));
        let other = match request.headers().get_one("Sec-Fetch-Site") {
            Some(site) => site != "same-origin" && site != "none",
            None => request
                .headers()
                .get_one("Origin")
                .is_some_and(|origin| own_origin.as_deref() != Some(origin)),
        };
        Outcome::Success(FromOtherSite(other))
    }
}

#[get("/login")]
pub(super) fn show(pool: &State<Arc<Pool>>, query: Parameters) -> Result<Answer, Status> {
    match AuthorizeRequest::check(pool, &query) {
        Ok(request) => page(pool, &request, Status::Ok, request.login_hint.unwrap_or_default(), None),
        Err(found) => Ok(Answer::Found(found)),
    }
}

#[post("/login", data = "<form>")]
pub(super) fn submit(
    pool: &State<Arc<Pool>>,
    query: Parameters,
    other_site: FromOtherSite,
    cookies: &CookieJar<'_>,
    form: Parameters,
) -> Result<Answer, Status> {
    let request = match AuthorizeRequest::check(pool, &query) {
        Ok(request) => request,
        Err(found) => return Ok(Answer::Found(found)),
    };
    if other_site.0 {
        let problem = "Another site tried to sign you in. Sign in here if you want to go on.";
        return page(pool, &request, Status::Forbidden, "", Some(problem));
    }
    let username = form.get("username").unwrap_or_default();
    let user = match signed_in(pool, &form) {
        Ok(user) => user,
        Err(problem) => return page(pool, &request, Status::Unauthorized, username, Some(problem)),
    };
    let session = Session { username: user.username.clone(), auth_time: pool.now() };
    let id = base64url::<32>();
    pool.sessions.insert(&id, session.clone(), Instant::now());
    cookies.add(session_cookie(id, SESSION_SECONDS));
    Ok(Answer::Found(request.grant(pool, &session)))
}

/// The user whose button was pressed, or whose password was entered.
fn signed_in(pool: &Pool, form: &Parameters) -> Result<LocalUser, &'static str> {
    let user = if form.has("user") {
        form.get("user").and_then(|username| pool.users.get(username))
    } else {
        let user = form.get("username").and_then(|username| pool.users.get(username));
        user.filter(|user| form.get("password").is_some_and(|password| user.has_password(password)))
    };
    let user = user.ok_or("Incorrect username or password.")?;
    if user.disabled { Err("User is disabled.") } else { Ok(user) }
}

/// Cognito's session cookie; no seconds removes it.
pub(super) fn session_cookie(id: String, seconds: u64) -> Cookie<'static> {
    Cookie::build((SESSION_COOKIE, id))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(i64::try_from(seconds).unwrap_or_default()))
        .build()
}

fn page(
    pool: &Pool,
    request: &AuthorizeRequest<'_>,
    status: Status,
    username: &str,
    problem: Option<&str>,
) -> Result<Answer, Status> {
    let users: Vec<_> = pool
        .users
        .all()
        .into_iter()
        .map(|user| {
            let initial = user.username.chars().next().map(|letter| letter.to_uppercase().to_string());
            context! { username => user.username, groups => user.groups, initial => initial }
        })
        .collect();
    let destination = request.destination();
    let context = context! { users, username, problem, destination };
    pool.pages.render(status, "cognito/login.html", context).map(Answer::Page)
}
