//! The page for a second factor, where an app asks for a level of sign-in.

use std::time::Instant;

use rocket::http::{CookieJar, Status};
use rocket_dyn_templates::minijinja::context;

use super::level_asked::Lack;
use super::pages::PageOrRedirect;
use super::parameters::Parameters;
use super::sign_in_page::SignInPage;
use crate::local_pool::config::Factor;
use crate::local_pool::state::{Session, User};

/// The field with which the form says whose sign-in it goes on with.
pub(super) const TICKET: &str = "sign_in";
/// What every message and every authenticator app says.
const CODE: &str = "123456";

/// Signs in a user who has just been recognised; where the app asks for a level, once they have shown another factor.
pub(super) fn finish(
    page: &SignInPage<'_>,
    user: &User,
    cookies: &CookieJar<'_>,
) -> Result<PageOrRedirect, Status> {
    let session = page.request.new_session(page.pool, user);
    match ask(page, user, &session) {
        Some(answer) => answer,
        None => Ok(page.request.sign_in(page.pool, session, cookies)),
    }
}

/// Asks for a factor that is all that this session lacks. `None` where it lacks none, or more.
///
/// What the form carries is the name of a challenge, which stands for what the person has shown by now: once, for three
/// minutes, and for this client alone.
pub(super) fn ask(
    page: &SignInPage<'_>,
    user: &User,
    session: &Session,
) -> Option<Result<PageOrRedirect, Status>> {
    let Lack::Factor(factors) = page.request.level.lack(user, session) else { return None };
    let ticket = page.pool.new_challenge(page.request.client_id(), user, Some(session.clone()));
    Some(render(page, Status::Ok, user, &factors, &ticket, None))
}

/// Takes the factor that was asked for.
pub(super) fn take(
    page: &SignInPage<'_>,
    form: &Parameters,
    cookies: &CookieJar<'_>,
) -> Result<PageOrRedirect, Status> {
    let ticket = form.get(TICKET).unwrap_or_default();
    let challenged = page.challenge(form, TICKET);
    let Some((user, session)) = challenged.and_then(|(challenge, user)| Some((user, challenge.session?)))
    else {
        return page.expired();
    };
    let Lack::Factor(factors) = page.request.level.lack(&user, &session) else { return page.expired() };
    let chosen = factors.iter().copied().find(|factor| form.get("factor") == Some(factor.name()));
    let Some(factor) = chosen else {
        let problem = "Choose one of these.";
        return render(page, Status::BadRequest, &user, &factors, ticket, Some((problem, None)));
    };
    if factor.is_code() && form.entered(&format!("{}_code", factor.name())) != Some(CODE) {
        let problem = "This code is wrong.";
        return render(page, Status::BadRequest, &user, &factors, ticket, Some((problem, Some(factor))));
    }
    // Another answer may have been quicker.
    if page.pool.challenges.take_if(ticket, Instant::now(), |_| true).is_none() {
        return page.expired();
    }
    let session = Session { factors: session.factors.with(factor), ..session };
    Ok(page.request.sign_in(page.pool, session, cookies))
}

fn render(
    page: &SignInPage<'_>,
    status: Status,
    user: &User,
    factors: &[Factor],
    ticket: &str,
    problem: Option<(&str, Option<Factor>)>,
) -> Result<PageOrRedirect, Status> {
    let wrong = problem.and_then(|(_, factor)| factor);
    let factors: Vec<_> = factors
        .iter()
        .map(|factor| {
            context! { name => factor.name(), is_code => factor.is_code(), is_wrong => wrong == Some(*factor) }
        })
        .collect();
    let context = context! {
        name => user.sign_in_name(page.pool.users.names()),
        factors,
        ticket,
        code => CODE,
        problem => problem.map(|(problem, _)| problem),
        query => page.query,
        destination => page.request.destination(),
    };
    page.pages.render(status, "cognito/second_factor.html", context).map(PageOrRedirect::Page)
}
