//! `/signup`: new users, who need not confirm anything.

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
use crate::clock;
use crate::local_pool::config::{LocalUser, SignInNames, is_email, is_name, password_mistake, user_mistakes};
use crate::local_pool::state::{Pool, User};

#[get("/signup")]
pub(super) fn show_sign_up(
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

#[post("/signup", data = "<form>")]
pub(super) fn sign_up(
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
        other_site.refusal("Another site tried to sign you up. Sign up here if you want to go on.");
    if let Some((status, problem)) = from_other_site.or_else(|| form.refusal()) {
        return page(pool, pages, &request, query, status, &Parameters::default(), Some(problem));
    }
    match signed_up(pool, &form) {
        Ok(user) => {
            let page = SignInPage { pool, pages, request: &request, query: &query.0 };
            second_factor::finish(&page, &user, cookies)
        }
        Err(problem) => page(pool, pages, &request, query, Status::BadRequest, &form, Some(&problem)),
    }
}

/// The new user, or what Cognito says is wrong.
fn signed_up(pool: &Pool, form: &Parameters) -> Result<User, String> {
    let names = pool.users.names();
    let username = form.entered("username").ok_or_else(|| format!("{} is missing.", names.label()))?;
    if let Some(problem) = username_problem(username, names) {
        return Err(problem.into());
    }
    let user = LocalUser::new(username);
    // Who signs in by an address or number has no other.
    let user =
        if names.has_uuids() { user } else { user.email(form.entered("email").ok_or("E-mail is missing.")?) };
    if form.entered("email").is_some_and(|email| !names.has_uuids() && !is_email(email)) {
        return Err("Invalid email address format.".into());
    }
    let password = form.get("password").unwrap_or_default();
    if let Some(problem) = password_mistake(password) {
        return Err(problem);
    }
    if pool.users.find(username).is_some() {
        return Err("User already exists".into());
    }
    let is_alias = names.alias_attributes.iter().any(|attribute| attribute == "email");
    if is_alias && form.entered("email").is_some_and(|email| pool.users.find(email).is_some()) {
        return Err("An account with the given email already exists.".into());
    }
    add_user(pool, user.password(password))
}

/// What is wrong with a new username, in words for the person.
fn username_problem(username: &str, names: &SignInNames) -> Option<&'static str> {
    let takes = |attribute: &str| names.username_attributes.iter().any(|name| name == attribute);
    if !is_name(username) {
        return Some("A username has at most 128 characters, and no spaces.");
    }
    if !names.has_uuids() || names.attribute_of(username).is_some() {
        return None;
    }
    Some(match (takes("email"), takes("phone_number")) {
        (true, true) => "Username should be either an email or a phone number.",
        (true, false) => "Username should be an email.",
        _ => "Username should be a phone number.",
    })
}

/// Adds a user, or says what is wrong with them.
pub(super) fn add_user(pool: &Pool, user: LocalUser) -> Result<User, String> {
    let mistakes: Vec<_> =
        user_mistakes(&user, pool.users.names()).into_iter().map(|(_, problem)| problem).collect();
    if !mistakes.is_empty() {
        return Err(mistakes.join("; "));
    }
    pool.users.sign_up(user, clock::now()).map_err(|error| error.to_string())
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
    let names = pool.users.names();
    let context = context! {
        label => names.label(),
        has_email => !names.has_uuids(),
        username => entered.get("username").unwrap_or_default(),
        email => entered.get("email").unwrap_or_default(),
        query => query.0,
        problem,
        destination => request.destination(),
    };
    pages.render(status, "cognito/signup.html", context).map(PageOrRedirect::Page)
}
