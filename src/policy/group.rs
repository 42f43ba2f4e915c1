//! Groups of a user pool, as types.

use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// A group of the user pool, as a type for [`InGroups`](crate::InGroups),
/// [`InAnyGroup`](crate::InAnyGroup) and [policies](crate::policy::Policy).
///
/// The name is written out, never derived from the type's name: renaming a type must not change who
/// may enter.
///
/// # Example
/// ```rust
/// use rocket_cognito::Group;
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Cognito group",
    label = "not a group of the user pool",
    note = "a type of your own becomes one: `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`",
    note = "`Authorized` takes groups and policies, no guards: `Authorized<Admin>` in place of \
            `Authorized<InGroups<Admin>>`, or the guard `InGroups<Admin>` alone",
    note = "groups stand side by side in `InGroups<Admin, Editor>` and `InAnyGroup<Admin, Editor>`, policies in a tuple \
            inside `All<(A, B)>` or `Any<(A, B)>`"
)]
pub trait Group: 'static {
    /// The group's name in the user pool, byte for byte.
    const NAME: &'static str;
}

impl<G: Group> Policy for G {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        match user.known_groups() {
            Some(names) if names.iter().any(|name| name == G::NAME) => Decision::Granted,
            Some(_) => Decision::Refused(Self::rule()),
            None => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::group(G::NAME)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<G: super::Group> Sealed for G {}
    impl Sealed for super::Unset {}
}

/// A group, or the place of one that is not given, in [`InGroups`](crate::InGroups) and
/// [`InAnyGroup`](crate::InAnyGroup). Applications implement [`Group`] and never name this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Cognito group",
    label = "not a group of the user pool",
    note = "a type of your own becomes one: `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`"
)]
pub trait MaybeGroup: sealed::Sealed + 'static {
    /// The group's name, if this is one.
    const NAME: Option<&'static str>;
}

impl<G: Group> MaybeGroup for G {
    const NAME: Option<&'static str> = Some(<G as Group>::NAME);
}

/// The place of a group that is not given.
#[doc(hidden)]
pub struct Unset(());

impl MaybeGroup for Unset {
    const NAME: Option<&'static str> = None;
}
