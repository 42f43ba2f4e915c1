//! Rules about a user, as types: who may enter, decided without I/O.

use std::time::SystemTime;

use super::rule::Rule;
use crate::user::CognitoUser;

/// A rule about a signed-in user, for [`Authorized`](crate::Authorized).
///
/// Every [`Group`](crate::Group) is a policy, [`Scopes`](crate::policy::Scopes) of an access token and a
/// [`Fresh`](crate::policy::Fresh) sign-in are ones, and policies combine: [`All`](crate::policy::All),
/// [`Any`](crate::policy::Any), [`Not`](crate::policy::Not). A rule of your own is an `impl` away; it must be pure, as
/// it may be asked more than once: beside [`Fresh`](crate::policy::Fresh) also about the same user with a sign-in of
/// this moment.
///
/// # Example
/// ```rust
/// use std::time::SystemTime;
/// use rocket_cognito::{Authorized, CognitoUser, Group};
/// use rocket_cognito::policy::{All, Any, Decision, Policy, Rule};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
/// struct Editor;
/// impl Group for Editor { const NAME: &'static str = "editor"; }
///
/// struct VerifiedEmail;
/// impl Policy for VerifiedEmail {
///     fn check(user: &CognitoUser, _now: SystemTime) -> Decision {
///         match user.email_verified() {
///             Some(true) => Decision::Granted,
///             Some(false) => Decision::Refused(Self::rule()),
///             None => Decision::Undecided(Self::rule()),
///         }
///     }
///
///     fn rule() -> Rule { Rule::named("a verified e-mail address") }
/// }
///
/// type CanPublish = Authorized<Any<(Admin, All<(Editor, VerifiedEmail)>)>>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "neither a Cognito group nor a policy",
    note = "a group is one: `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`",
    note = "a scope stands in a tuple inside `Scopes<(A,)>`",
    note = "several stand in a tuple inside `All<(A, B)>` or `Any<(A, B)>`"
)]
pub trait Policy: 'static {
    /// Decides about `user` at the time `now`. Where a claim that is needed is absent, answer
    /// [`Decision::Undecided`]. It must not block or panic.
    fn check(user: &CognitoUser, now: SystemTime) -> Decision;

    /// What is asked for, for denials and documentation: the same each time.
    fn rule() -> Rule;
}

/// What a [`Policy`] says about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The rule is met.
    Granted,
    /// The rule is certainly not met; [`Not`](crate::policy::Not) turns this round.
    Refused(Rule),
    /// It cannot be told, for example because a claim is missing or malformed: refused, and refused
    /// under [`Not`](crate::policy::Not) too.
    Undecided(Rule),
}
