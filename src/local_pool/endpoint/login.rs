//! `/login`: the sign-in page, with Cognito's field names.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use rocket::http::{CookieJar, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{State, get, post};
use rocket_dyn_templates::minijinja::context;

use super::authorization_request::AuthorizationRequest;
use super::pages::{PageOrRedirect, Pages};
use super::parameters::Parameters;
use crate::crypto::base64url;
use crate::local_pool::state::{Pool, SESSION_SECONDS, Session, User, session_cookie};

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
pub(super) fn show(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    query: Parameters,
) -> Result<PageOrRedirect, Status> {
    match AuthorizationRequest::check(pool, &query) {
        Ok(request) => page(pool, pages, &request, Status::Ok, request.login_hint.unwrap_or_default(), None),
        Err(found) => Ok(PageOrRedirect::Redirect(found)),
    }
}

#[post("/login", data = "<form>")]
pub(super) fn submit(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    query: Parameters,
    other_site: FromOtherSite,
    cookies: &CookieJar<'_>,
    form: Parameters,
) -> Result<PageOrRedirect, Status> {
    let request = match AuthorizationRequest::check(pool, &query) {
        Ok(request) => request,
        Err(found) => return Ok(PageOrRedirect::Redirect(found)),
    };
    if other_site.0 {
        let problem = "Another site tried to sign you in. Sign in here if you want to go on.";
        return page(pool, pages, &request, Status::Forbidden, "", Some(problem));
    }
    let username = form.get("username").unwrap_or_default();
    let user = match signed_in(pool, &form) {
        Ok(user) => user,
        Err(problem) => return page(pool, pages, &request, Status::Unauthorized, username, Some(problem)),
    };
    let session = Session::new(&user, pool.now());
    let id = base64url::<32>();
    pool.sessions.insert(&id, session.clone(), Instant::now());
    cookies.add(session_cookie(id, SESSION_SECONDS));
    Ok(PageOrRedirect::Redirect(request.grant(pool, &session)))
}

/// The user whose button was pressed, or whose password was entered.
fn signed_in(pool: &Pool, form: &Parameters) -> Result<User, &'static str> {
    let user = if form.has("user") {
        form.get("user").and_then(|name| pool.users.find(name))
    } else {
        let user = form.get("username").and_then(|name| pool.users.find(name));
        user.filter(|user| form.get("password").is_some_and(|password| user.has_password(password)))
    };
    let user = user.ok_or("Incorrect username or password.")?;
    if user.disabled { Err("User is disabled.") } else { Ok(user) }
}

fn page(
    pool: &Pool,
    pages: &Pages,
    request: &AuthorizationRequest<'_>,
    status: Status,
    username: &str,
    problem: Option<&str>,
) -> Result<PageOrRedirect, Status> {
    let users: Vec<_> = pool
        .users
        .all()
        .into_iter()
        .map(|user| {
            let name = user.sign_in_name(pool.users.names());
            let initial = name.chars().next().map(|letter| letter.to_uppercase().to_string());
            context! { name, username => user.username, groups => user.groups(), initial }
        })
        .collect();
    let destination = request.destination();
    let label = pool.users.names().label();
    let context = context! { users, label, username, problem, destination };
    pages.render(status, "cognito/login.html", context).map(PageOrRedirect::Page)
}
