//! The sign-in without a password, by a code or a passkey alone (choice-based sign-in at Cognito).

use rocket::http::Status;

use super::pages::PageOrRedirect;
use super::parameters::Parameters;
use super::second_factor::ask_first;
use super::sign_in_page::SignInPage;
use crate::local_pool::config::Factors;
use crate::local_pool::state::{Session, User};

/// The button with which somebody asks for it, having entered who they are.
pub(super) const WITHOUT_PASSWORD: &str = "without_password";

/// Asks for the factor that is to stand in for the password.
pub(super) fn choose(page: &SignInPage<'_>, form: &Parameters) -> Result<PageOrRedirect, Status> {
    let user = match user(page, form) {
        Ok(user) => user,
        Err(problem) => return page.render(Status::BadRequest, form, Some(problem)),
    };
    let session = Session { factors: Factors::default(), ..page.request.new_session(page.pool, &user) };
    ask_first(page, &user, session).unwrap_or_else(|| {
        let problem =
            "This user signs in with a password here: no code and no passkey of theirs would do instead.";
        page.render(Status::BadRequest, form, Some(problem))
    })
}

fn user(page: &SignInPage<'_>, form: &Parameters) -> Result<User, &'static str> {
    let name = form.entered("username").ok_or("Enter who signs in.")?;
    let user = page.pool.users.find(name).ok_or("There is no such user.")?;
    match () {
        () if user.is_federated() || page.request.sign_in_at.provider().is_some() => {
            Err("This user does not sign in here.")
        }
        () if user.disabled => Err("User is disabled."),
        () if user.status.obstacle().is_some() => Err("This user signs in with the password first."),
        () => Ok(user),
    }
}
