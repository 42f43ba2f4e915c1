//! `/forgotPassword`: a new password, for which no code is asked.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get, post};
use rocket_dyn_templates::minijinja::context;

use super::authorization_request::AuthorizationRequest;
use super::other_site::FromOtherSite;
use super::pages::{PageOrRedirect, Pages};
use super::parameters::{Parameters, Query};
use super::second_factor;
use super::sign_in_page::SignInPage;
use crate::local_pool::api::{ApiError, check_password_reset};
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
    let from_other_site =
        other_site.refusal("Another site tried to change your password. Change it here if you want to.");
    if let Some((status, problem)) = from_other_site.or_else(|| form.refusal()) {
        return page(pool, pages, &request, query, status, &Parameters::default(), Some(problem));
    }
    match with_new_password(pool, &form) {
        Ok(user) => {
            let page = SignInPage { pool, pages, request: &request, query: &query.0 };
            second_factor::finish(&page, &user, cookies)
        }
        Err(problem) => page(pool, pages, &request, query, Status::BadRequest, &form, Some(&problem)),
    }
}

/// The user, whose password is now the one entered.
fn with_new_password(pool: &Pool, form: &Parameters) -> Result<User, String> {
    let name = form.entered("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let change = |user: &mut User| {
        check_password_reset(user)?;
        user.set_password(password).map_err(|problem| ApiError::new("InvalidPasswordException", problem))
    };
    pool.users.update(name, change).map_err(|error| match error.kind {
        "UserNotFoundException" => "There is no such user.".into(),
        _ => error.message,
    })
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
