//! The level of a sign-in, as a rule.

use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// Met when the user signed in at the level `LEVEL` or a higher one, by the claim `acr` of the token.
///
/// | level | what the user has shown |
/// |---|---|
/// | 1 | a password |
/// | 2 | one code, by SMS or e-mail |
/// | 3 | a passkey; or a password and a code by SMS or e-mail |
/// | 4 | a password and a code of an authenticator app |
///
/// Levels are compared as levels, never as texts; where the pool has names of its own for them, give these to the setting
/// `level_names`. A token without `acr`, or with another name, satisfies no level, and `Not<Level<LEVEL>>` neither: a pool
/// of the plan Lite, one with the classic hosted UI, and tokens from before October 2026 have none.
///
/// Whoever meets all of a policy but this is answered with 401 `level_too_low`. With
/// [`RedirectToLogin`](crate::RedirectToLogin) a browser goes to Cognito, which asks for what is missing, and comes back. A
/// program gets the challenge `error="insufficient_user_authentication"` with `acr_values`, and with `max_age` where the
/// policy asks for [`Fresh`](crate::policy::Fresh) too and the sign-in is too old for it. Cognito may sign somebody in at a
/// lower level all the same, and does not say so: then the callback answers 403 `login_not_strong_enough`, and the log says
/// why that may be.
///
/// - **Level 4 shuts out people with a passkey**, which reaches level 3 at most.
/// - People of an external provider are at the level that it claims, which Cognito does not check; where it claims
///   nothing that the pool knows, at level 1.
/// - The level says how the user signed in, not when: a refresh keeps it. Ask for [`Fresh`](crate::policy::Fresh) too
///   where that matters.
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::{Authorized, Group};
/// use rocket_cognito::policy::{All, Fresh, Level};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[post("/payout")]
/// fn pay(by: Authorized<All<(Admin, Level<3>, Fresh<900>)>>) -> String {
///     format!("Paid by {}", by.username())
/// }
/// ```
///
/// There are four levels, and another number does not compile:
///
/// ```rust,compile_fail,E0080
/// use rocket_cognito::policy::{Level, Policy};
///
/// let rule = <Level<5> as Policy>::rule();
/// ```
///
/// Sources: Cognito's developer guide, "Step-up authentication"; RFC 9470 section 3.
pub struct Level<const LEVEL: u8>(());

impl<const LEVEL: u8> Policy for Level<LEVEL> {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        match user.level() {
            Some(level) if level >= LEVEL => Decision::Granted,
            Some(_) => Decision::Refused(Self::rule()),
            None => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        const { assert!(LEVEL >= 1 && LEVEL <= 4, "`Level` takes 1 to 4, which are all the levels of Cognito") };
        Rule::Level(LEVEL)
    }
}
