//! A person, or an agent that acts for one.

use std::fmt;
use std::ops::Deref;

use super::caller::{CallerKind, CallerRefused, sealed};
use super::cognito_user::CognitoUser;
use super::who::Who;
use crate::token::Actor;

/// A person, in person or by an agent: a service or a program with a delegated token (RFC 8693). Derefs to the
/// [`CognitoUser`] that the token is of; [`actor`](Self::actor) says who acts for them, and is `None` for the person
/// themselves.
///
/// All other guards for people refuse agents with 403 `delegated`, unless the setting `accept_delegated` is on: such a
/// token has the person's `sub` and groups, and is not the person. Only bearer tokens can be delegated; a browser's session
/// never is.
///
/// An agent is never [`Fresh`](crate::policy::Fresh), whatever the token says of the person's sign-in.
///
/// The token has to have the person's user name, by which it is told from a machine's. That Cognito copies it into the
/// tokens that it exchanges is not established.
///
/// Nothing marks a token of *impersonation*, which is exchanged without an actor's token, but its `client_id`: that of the
/// service which has exchanged it. Should Cognito copy `auth_time` and `acr` into it, which is not established, it counts as
/// [`Fresh`](crate::policy::Fresh) and for [`Level`](crate::policy::Level) as the person's own does. List such a service in
/// `accepted_client_ids` only if its calls are wanted.
///
/// # As a guard
/// - **Succeeds** for people, and for agents that act for one.
/// - **Fails with 403** (`person_required`) for machines, and for agents that act for one.
/// - **Fails** like [`CognitoUser`] otherwise: 400, 401, 403 for cross-site requests, 503.
///
/// With a policy it is `Authorized<Admin, PersonOrAgent>`: the groups are those of the person. It works in
/// [`BearerOnly`](crate::BearerOnly), [`CurrentUser`](crate::CurrentUser), [`OrForward`](crate::OrForward), `Option` and
/// `Result` as all guards do.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::{Authorized, Group, PersonOrAgent};
///
/// struct Staff;
/// impl Group for Staff { const NAME: &'static str = "staff"; }
///
/// #[get("/inbox")]
/// fn inbox(by: Authorized<Staff, PersonOrAgent>) -> String {
///     match by.actor() {
///         None => format!("For {}", by.username()),
///         Some(agent) => format!("For {}, by {}", by.username(), agent.sub().unwrap_or("an unknown agent")),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct PersonOrAgent {
    user: CognitoUser,
}

impl PersonOrAgent {
    /// The person that the token is of.
    #[must_use]
    pub fn user(&self) -> &CognitoUser {
        &self.user
    }

    /// The person that the token is of.
    #[must_use]
    pub fn into_user(self) -> CognitoUser {
        self.user
    }

    /// The agent that acts for the user; `None` where the user asks.
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.user.actor()
    }

    /// The caller, unless it is a machine, or acts for one.
    pub(crate) fn of_identity(user: CognitoUser) -> Option<Self> {
        user.is_person().then_some(PersonOrAgent { user })
    }
}

impl CallerKind for PersonOrAgent {
    const WHO: Who = Who::PersonOrAgent;

    fn admit(identity: CognitoUser, _: bool) -> Result<Self, CallerRefused> {
        PersonOrAgent::of_identity(identity).ok_or(CallerRefused::PersonRequired)
    }
}

impl sealed::Sealed for PersonOrAgent {}

impl Deref for PersonOrAgent {
    type Target = CognitoUser;

    fn deref(&self) -> &CognitoUser {
        &self.user
    }
}

impl AsRef<CognitoUser> for PersonOrAgent {
    fn as_ref(&self) -> &CognitoUser {
        &self.user
    }
}

impl fmt::Debug for PersonOrAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonOrAgent").field("user", &self.user).field("actor", &self.actor()).finish()
    }
}
