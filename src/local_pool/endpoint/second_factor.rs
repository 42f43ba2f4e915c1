//! The page for a factor beside the password, where an app asks for a level of sign-in, or instead of it.

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
    Some(render(page, Status::Ok, user, &Offer { factors, is_first: false }, &ticket, None))
}

/// Asks for the factor with which this session, which has none, is to begin. `None` where no factor of the user's would
/// do.
pub(super) fn ask_first(
    page: &SignInPage<'_>,
    user: &User,
    session: Session,
) -> Option<Result<PageOrRedirect, Status>> {
    let offer = Offer::first(page, user, &session)?;
    let ticket = page.pool.new_challenge(page.request.client_id(), user, Some(session));
    Some(render(page, Status::Ok, user, &offer, &ticket, None))
}

/// What the page asks for.
struct Offer {
    factors: Vec<Factor>,
    /// Whether the person has shown nothing yet.
    is_first: bool,
}

impl Offer {
    fn first(page: &SignInPage<'_>, user: &User, session: &Session) -> Option<Self> {
        let factors = page.request.level.first_factors(user, session);
        (!factors.is_empty()).then_some(Offer { factors, is_first: true })
    }

    /// What a session whose challenge is answered was asked for.
    fn of(page: &SignInPage<'_>, user: &User, session: &Session) -> Option<Self> {
        if session.factors.is_empty() && session.provider.is_none() {
            return Offer::first(page, user, session);
        }
        match page.request.level.lack(user, session) {
            Lack::Factor(factors) => Some(Offer { factors, is_first: false }),
            Lack::Nothing | Lack::SignIn => None,
        }
    }
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
    let Some(offer) = Offer::of(page, &user, &session) else { return page.expired() };
    let chosen = offer.factors.iter().copied().find(|factor| form.get("factor") == Some(factor.name()));
    let Some(factor) = chosen else {
        let problem = "Choose one of these.";
        return render(page, Status::BadRequest, &user, &offer, ticket, Some((problem, None)));
    };
    if let Some(problem) = problem_of(factor, &user, form) {
        return render(page, Status::BadRequest, &user, &offer, ticket, Some((problem, Some(factor))));
    }
    // Another answer may have been quicker.
    if page.pool.challenges.take_if(ticket, Instant::now(), |_| true).is_none() {
        return page.expired();
    }
    let session = Session { factors: session.factors.with(factor), ..session };
    ask(page, &user, &session).unwrap_or_else(|| Ok(page.request.sign_in(page.pool, session, cookies)))
}

/// What is wrong with the proof of a factor. A passkey's is its button.
fn problem_of(factor: Factor, user: &User, form: &Parameters) -> Option<&'static str> {
    match factor {
        Factor::Password => {
            let is_right = form.get("password").is_some_and(|password| user.has_password(password));
            (!is_right).then_some("This password is wrong.")
        }
        _ if factor.is_code() && form.entered(&format!("{}_code", factor.name())) != Some(CODE) => {
            Some("This code is wrong.")
        }
        _ => None,
    }
}

fn render(
    page: &SignInPage<'_>,
    status: Status,
    user: &User,
    offer: &Offer,
    ticket: &str,
    problem: Option<(&str, Option<Factor>)>,
) -> Result<PageOrRedirect, Status> {
    let wrong = problem.and_then(|(_, factor)| factor);
    let factors: Vec<_> = offer
        .factors
        .iter()
        .map(|factor| {
            context! { name => factor.name(), is_code => factor.is_code(), is_wrong => wrong == Some(*factor), is_passkey => factor.is_passkey() }
        })
        .collect();
    let context = context! {
        name => user.sign_in_name(page.pool.users.names()),
        factors,
        is_first => offer.is_first,
        ticket,
        code => CODE,
        problem => problem.map(|(problem, _)| problem),
        query => page.query,
        destination => page.request.destination(),
    };
    page.pages.render(status, "cognito/second_factor.html", context).map(PageOrRedirect::Page)
}
