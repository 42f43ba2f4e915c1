//! What somebody still owes who has given the right password: a new one, or the code of their sign-up.

use rocket::http::Status;
use rocket_dyn_templates::minijinja::context;

use super::pages::PageOrRedirect;
use super::parameters::Parameters;
use super::sign_in_page::SignInPage;
use crate::local_pool::api::{ApiError, confirm};
use crate::local_pool::state::{Pool, User, UserStatus};

/// The field with which the form says whose step it is.
pub(super) const TICKET: &str = "ticket";

/// Asks for the step. `None` for a user who owes nothing.
///
/// What the form carries is the name of a challenge, which stands for the user who has just been recognised: once, for
/// three minutes, and for this client alone.
pub(super) fn ask(page: &SignInPage<'_>, user: &User) -> Option<Result<PageOrRedirect, Status>> {
    user.status.obstacle()?;
    let ticket = page.pool.new_challenge(page.request.client_id(), user, None);
    Some(render(page, Status::Ok, user, &ticket, None))
}

/// The user, who is confirmed now, or else the page that says why not.
pub(super) fn take(page: &SignInPage<'_>, form: &Parameters) -> Result<User, Result<PageOrRedirect, Status>> {
    let ticket = form.get(TICKET).unwrap_or_default();
    let challenged = page.challenge(form, TICKET).filter(|(_, user)| user.status.obstacle().is_some());
    let (_, user) = challenged.ok_or_else(|| page.expired())?;
    match taken(page.pool, &user, form) {
        Ok(user) => {
            page.pool.challenges.remove(ticket);
            Ok(user)
        }
        Err(ApiError { message, .. }) => Err(render(page, Status::BadRequest, &user, ticket, Some(&message))),
    }
}

fn taken(pool: &Pool, user: &User, form: &Parameters) -> Result<User, ApiError> {
    pool.users.update(&user.username, |current| {
        // Another answer was quicker, or an admin.
        if current.status != user.status || current.sub != user.sub || current.disabled {
            return Err(ApiError::new("NotAuthorizedException", "The user has changed: sign in again."));
        }
        if current.status == UserStatus::Unconfirmed {
            return confirm(current, form.entered("code").unwrap_or_default());
        }
        let password = form.get("password").unwrap_or_default();
        current
            .set_password(password)
            .map_err(|problem| ApiError::new("InvalidPasswordException", problem))?;
        current.status = UserStatus::Confirmed;
        Ok(())
    })
}

fn render(
    page: &SignInPage<'_>,
    status: Status,
    user: &User,
    ticket: &str,
    problem: Option<&str>,
) -> Result<PageOrRedirect, Status> {
    let template = match user.status {
        UserStatus::Unconfirmed => "cognito/code.html",
        _ => "cognito/new_password.html",
    };
    let context = context! {
        name => user.sign_in_name(page.pool.users.names()),
        ticket,
        problem,
        query => page.query,
        destination => page.request.destination(),
    };
    page.pages.render(status, template, context).map(PageOrRedirect::Page)
}
