//! `/forgotPassword`: a new password, for which no code is asked.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get, post};
use rocket_dyn_templates::minijinja::context;

use super::authorization_request::AuthorizationRequest;
use super::other_site::FromOtherSite;
use super::pages::{PageOrRedirect, Pages};
use super::parameters::{Parameters, Query};
use crate::local_pool::state::{Pool, User};

#[get("/forgotPassword")]
pub(super) fn show_forgot_password(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    parameters: Parameters,
    query: &Query,
) -> Result<PageOrRedirect, Status> {
    match AuthorizationRequest::check(pool, &parameters) {
        Ok(request) => page(pool, pages, &request, query, Status::Ok, &Parameters::default(), None),
        Err(found) => Ok(PageOrRedirect::Redirect(found)),
    }
}

#[post("/forgotPassword", data = "<form>")]
pub(super) fn forgot_password(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    parameters: Parameters,
    query: &Query,
    other_site: FromOtherSite,
    cookies: &CookieJar<'_>,
    form: Parameters,
) -> Result<PageOrRedirect, Status> {
    let request = match AuthorizationRequest::check(pool, &parameters) {
        Ok(request) => request,
        Err(found) => return Ok(PageOrRedirect::Redirect(found)),
    };
    if other_site.0 {
        let problem = "Another site tried to change your password. Change it here if you want to.";
        return page(pool, pages, &request, query, Status::Forbidden, &Parameters::default(), Some(problem));
    }
    match with_new_password(pool, &form) {
        Ok(user) => Ok(PageOrRedirect::Redirect(request.grant(pool, &pool.begin_session(&user, cookies)))),
        Err(problem) => page(pool, pages, &request, query, Status::BadRequest, &form, Some(&problem)),
    }
}

/// The user, whose password is now the one entered.
fn with_new_password(pool: &Pool, form: &Parameters) -> Result<User, String> {
    let unknown = "There is no such user.";
    let name = form.get("username").map(str::trim).unwrap_or_default();
    let user = pool.users.find(name).ok_or(unknown)?;
    if user.disabled {
        return Err("User is disabled.".into());
    }
    if user.is_federated() {
        return Err(format!("{} signs in at another provider, not by a password", user.username));
    }
    let password = form.get("password").unwrap_or_default();
    pool.users.change(name, |user| user.set_password(password)).map_err(|error| error.to_string())?;
    pool.users.find(name).ok_or_else(|| unknown.into())
}

fn page(
    pool: &Pool,
    pages: &Pages,
    request: &AuthorizationRequest<'_>,
    query: &Query,
    status: Status,
    entered: &Parameters,
    problem: Option<&str>,
) -> Result<PageOrRedirect, Status> {
    let context = context! {
        label => pool.users.names().label(),
        username => entered.get("username").or(request.login_hint).unwrap_or_default(),
        query => query.0,
        problem,
        destination => request.destination(),
    };
    pages.render(status, "cognito/forgot_password.html", context).map(PageOrRedirect::Page)
}
