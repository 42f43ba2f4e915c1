//! Guards that leave a request to the next route.

use std::ops::Deref;

use rocket::outcome::Outcome as RocketOutcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::guard::Guard;
use super::probe::has_noted_around;
use super::question;
use crate::denial::Denial;
use crate::user::CognitoUser;

/// Passes the request on to the next matching route where `G` answers 401 or finds its rule not met,
/// for pages that differ by who asks. That the app does not know the user, or
/// takes another kind of caller, is such a rule too.
///
/// Bad requests, cross-site requests (403) and missing keys (503) are never passed on. If no further
/// route matches, the status of the last one counts: a catch-all beside it makes that 404.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::{Group, InGroups, OrForward};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[get("/desk")]
/// fn for_admins(admin: OrForward<InGroups<Admin>>) -> String {
///     format!("Welcome, {}", admin.username())
/// }
///
/// #[get("/desk", rank = 2)]
/// fn for_others() -> &'static str { "Nothing here yet." }
/// ```
#[derive(Debug, Clone)]
pub struct OrForward<G>(pub G);

#[rocket::async_trait]
impl<'r, G: FromRequest<'r, Error = Denial>> FromRequest<'r> for OrForward<G> {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        match question::with(request, G::from_request(request).await, Asks::or_forward) {
            RocketOutcome::Success(guard) => RocketOutcome::Success(OrForward(guard)),
            RocketOutcome::Error((status, denial)) if denial.is_forwarded() => RocketOutcome::Forward(status),
            RocketOutcome::Error(refused) => RocketOutcome::Error(refused),
            RocketOutcome::Forward(status) => RocketOutcome::Forward(status),
        }
    }
}

impl<G> Deref for OrForward<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.0
    }
}

impl<G: AsRef<CognitoUser>> AsRef<CognitoUser> for OrForward<G> {
    fn as_ref(&self) -> &CognitoUser {
        self.0.as_ref()
    }
}

impl<G: Guard> Guard for OrForward<G> {
    fn asks() -> Asks {
        G::asks().or_forward()
    }
}

impl<G: Sentinel + 'static> Sentinel for OrForward<G> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        has_noted_around::<Self, G>(rocket, Asks::or_forward) || G::abort(rocket)
    }
}
