//! Guards that say what they ask for.

use crate::denial::Denial;
use crate::guard::{Asks, Guard};

mod sealed {
    pub trait Sealed {}
}

/// A guard of this crate, or up to four of them, which say what they ask for.
///
/// - [`CognitoUser`](crate::CognitoUser), also borrowed, [`Machine`](crate::Machine), [`Caller`](crate::Caller),
///   [`InGroups`](crate::InGroups), [`InAnyGroup`](crate::InAnyGroup), [`Authorized`](crate::Authorized),
///   [`Refresh`](crate::Refresh) and [`Callback`](crate::Callback);
/// - around one of them [`BearerOnly`](crate::BearerOnly), [`SessionOnly`](crate::SessionOnly),
///   [`CurrentUser`](crate::CurrentUser) and [`OrForward`](crate::OrForward);
/// - `Option<G>` and `Result<G, Denial>` of a guard;
/// - a tuple of two to four of these: the guards of one route, in the order of its signature.
///
/// For a route that [`guarded::<G>`](crate::guarded) stands before, and for a guard of your own that asks `G`, name `G`.
///
/// # Example
/// ```rust
/// use rocket_cognito::openapi::Describe;
/// use rocket_cognito::{CognitoUser, Group, InGroups, Machine};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// let asks = <(InGroups<Admin>, Option<Machine>)>::asks();
/// assert_eq!(asks[0].to_string(), "a person: group \"admin\"");
/// assert!(!asks[1].is_required());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard of this crate",
    label = "cannot say what it asks for",
    note = "for a guard of your own, name the one that it asks, such as `InGroups<Admin>`",
    note = "several guards of one route stand in a tuple: `(A, B)`"
)]
pub trait Describe: sealed::Sealed {
    /// What each of the guards asks for: the same each time.
    fn asks() -> Vec<Asks>;
}

impl<G: Guard> sealed::Sealed for G {}

impl<G: Guard> Describe for G {
    fn asks() -> Vec<Asks> {
        vec![<G as Guard>::asks()]
    }
}

impl<G: Guard> sealed::Sealed for Option<G> {}

impl<G: Guard> Describe for Option<G> {
    fn asks() -> Vec<Asks> {
        vec![<G as Guard>::asks().or_nobody()]
    }
}

impl<G: Guard> sealed::Sealed for Result<G, Denial> {}

impl<G: Guard> Describe for Result<G, Denial> {
    fn asks() -> Vec<Asks> {
        vec![<G as Guard>::asks().or_denial()]
    }
}

macro_rules! tuples {
    ($(($($G:ident)+))+) => {
        $(impl<$($G: Describe),+> sealed::Sealed for ($($G,)+) {}

        impl<$($G: Describe),+> Describe for ($($G,)+) {
            fn asks() -> Vec<Asks> {
                [$($G::asks()),+].concat()
            }
        })+
    };
}

tuples! { (A B) (A B C) (A B C D) }
