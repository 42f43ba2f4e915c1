//! `/login`: the sign-in pages, with Cognito's field names.

use std::sync::Arc;

use rocket::http::{CookieJar, Status};
use rocket::{State, get, post};

use super::authorization_request::AuthorizationRequest;
use super::ending::Ending;
use super::first_factor;
use super::next_step::{TICKET, ask, take};
use super::other_site::FromOtherSite;
use super::pages::{PageOrRedirect, Pages};
use super::parameters::{Parameters, Query};
use super::second_factor;
use super::sign_in_at::SignInAt;
use super::sign_in_page::SignInPage;
use super::sign_up::add_user;
use crate::local_pool::config::{LocalIdentityProvider, LocalUser};
use crate::local_pool::state::{Pool, User};

#[get("/login")]
pub(super) fn show(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    parameters: Parameters,
    query: &Query,
    cookies: &CookieJar<'_>,
) -> Result<PageOrRedirect, Status> {
    let request = match AuthorizationRequest::check(pool, &parameters) {
        Ok(request) => request,
        Err(found) => return Ok(PageOrRedirect::Redirect(found)),
    };
    let page = SignInPage { pool, pages, request: &request, query: &query.0 };
    let session = request.session(pool, cookies);
    session
        .and_then(|(user, session)| second_factor::ask(&page, &user, &session))
        .unwrap_or_else(|| page.render(Status::Ok, &Parameters::default(), None))
}

#[post("/login", data = "<form>")]
pub(super) fn submit(
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
    let page = SignInPage { pool, pages, request: &request, query: &query.0 };
    let from_other_site =
        other_site.refusal("Another site tried to sign you in. Sign in here if you want to go on.");
    if let Some((status, problem)) = from_other_site.or_else(|| form.refusal()) {
        return page.render(status, &Parameters::default(), Some(problem));
    }
    if form.has("error") {
        return match Ending::of_form(pool, request.sign_in_at.provider(), &form) {
            Some(ending) => {
                Ok(PageOrRedirect::Redirect(request.end(ending.error, ending.description.as_deref())))
            }
            None => page.render(Status::BadRequest, &form, Some("No sign-in ends like this.")),
        };
    }
    if form.has(second_factor::TICKET) {
        return second_factor::take(&page, &form, cookies);
    }
    if form.has(first_factor::WITHOUT_PASSWORD) {
        return first_factor::choose(&page, &form);
    }
    let user = if form.has(TICKET) {
        match take(&page, &form) {
            Ok(user) => return second_factor::finish(&page, &user, cookies),
            Err(answer) => return answer,
        }
    } else {
        recognised(pool, &request.sign_in_at, &form)
    };
    let user = match user {
        Ok(user) => user,
        Err(problem) => return page.render(Status::Unauthorized, &form, Some(&problem)),
    };
    if user.disabled {
        return match request.sign_in_at.provider() {
            Some(_) => {
                let Ending { error, description, .. } = Ending::disabled();
                Ok(PageOrRedirect::Redirect(request.end(error, description.as_deref())))
            }
            None => page.render(Status::Unauthorized, &form, Some("User is disabled.")),
        };
    }
    ask(&page, &user).unwrap_or_else(|| second_factor::finish(&page, &user, cookies))
}

/// The user whose button was pressed, whose password was entered, or whom the provider vouches for.
fn recognised(pool: &Pool, at: &SignInAt, form: &Parameters) -> Result<User, String> {
    if form.has("user") {
        let name = form.get("user").unwrap_or_default();
        let user = pool.users.find(name).ok_or("There is no such user.")?;
        return if at.knows(&user) { Ok(user) } else { Err("This user does not sign in here.".into()) };
    }
    if let SignInAt::Provider(provider) = at {
        return known_at(pool, provider, form);
    }
    let user = form.entered("username").and_then(|name| pool.users.find(name));
    let user = user.filter(|user| form.get("password").is_some_and(|password| user.has_password(password)));
    user.ok_or_else(|| "Incorrect username or password.".into())
}

/// The user of this person at the provider, who is made when they come for the first time.
fn known_at(pool: &Pool, provider: &LocalIdentityProvider, form: &Parameters) -> Result<User, String> {
    let user_id = form.entered("user_id");
    let user_id = user_id.ok_or_else(|| format!("Enter the person’s user ID at {}.", provider.label()))?;
    if user_id.contains(char::is_whitespace) {
        return Err("A user ID has no spaces.".into());
    }
    if let Some(user) = pool.users.find_at(provider, user_id) {
        return Ok(user);
    }
    let user = LocalUser::federated(provider.identity(user_id));
    let email = form.entered("email");
    add_user(
        pool,
        match email {
            Some(email) => user.email(email),
            None => user.without("email"),
        },
    )
}
