//! A sign-in of a short while ago, as a rule.

use std::time::{Duration, SystemTime};

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::clock::LEAST_MAX_AGE;
use crate::user::CognitoUser;

/// Met when the user entered a password or another factor at most `SECONDS` ago, by the `auth_time` of the token.
///
/// For pages where a session alone is not enough: new passwords, payments. Whoever meets all of a policy but this is
/// answered with 401 `login_too_old`: with [`RedirectToLogin`](crate::RedirectToLogin) a browser goes to Cognito, which
/// asks again, and comes back; a program gets the challenge `error="insufficient_user_authentication"` with `max_age`.
/// Where the policy needs a [`Level`](crate::policy::Level) too, both ask for it again: a new sign-in is at the level that
/// it asks for.
/// Whom a fresh sign-in would not help is answered with 403, and is never asked to sign in for nothing.
///
/// A renewal of the session is no sign-in, and an `auth_time` in the future is fresh. A token without `auth_time` is
/// undecided, as an old one is, so that `Not<Fresh<SECONDS>>` refuses everybody. So is one by which an agent acts for the
/// user ([`actor`](CognitoUser::actor)).
///
/// Cognito's classic hosted UI does not ask again; then the callback leads through Cognito's sign-out, once. If the
/// sign-in is not fresh even so, the answer is 403 `login_not_fresh`, and the log says what to do.
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::{Authorized, Group};
/// use rocket_cognito::policy::{All, Fresh};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[post("/users/delete")]
/// fn delete(by: Authorized<All<(Admin, Fresh<900>)>>) -> String {
///     format!("Deleted by {}", by.username())
/// }
/// ```
///
/// Less than 60 seconds does not compile, since clocks differ:
///
/// ```rust,compile_fail,E0080
/// use rocket_cognito::policy::{Fresh, Policy};
///
/// let rule = <Fresh<59> as Policy>::rule();
/// ```
///
/// Sources: OpenID Connect Core sections 2 (`auth_time`) and 3.1.2.1 (`prompt`, `max_age`), and RFC 9470 section 3.
pub struct Fresh<const SECONDS: u64>(());

impl<const SECONDS: u64> Policy for Fresh<SECONDS> {
    fn check(user: &CognitoUser, now: SystemTime) -> Decision {
        // That an agent acts is no sign-in of the person.
        let signed_in = user.authenticated_at().filter(|_| !user.is_delegated());
        let is_fresh = signed_in.is_some_and(|then| {
            // An error: it is in the future.
            now.duration_since(then).map_or(true, |age| age <= Duration::from_secs(SECONDS))
        });
        if is_fresh { Decision::Granted } else { Decision::Undecided(Self::rule()) }
    }

    fn rule() -> Rule {
        const { assert!(SECONDS >= LEAST_MAX_AGE, "`Fresh` takes at least 60 seconds, since clocks differ") };
        Rule::Fresh(SECONDS)
    }
}
