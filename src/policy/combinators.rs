//! Policies made of policies.

use std::marker::PhantomData;
use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// Met when every policy of the tuple, of one to eight, is met. One certain refusal decides.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::All;
/// # struct Admin;
/// # impl Group for Admin { const NAME: &'static str = "admin"; }
/// # struct Editor;
/// # impl Group for Editor { const NAME: &'static str = "editor"; }
/// type ChiefEditor = Authorized<All<(Admin, Editor)>>;
/// ```
pub struct All<Tuple>(PhantomData<fn() -> Tuple>);

/// Met when at least one policy of the tuple, of one to eight, is met. One grant decides.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::Any;
/// # struct Admin;
/// # impl Group for Admin { const NAME: &'static str = "admin"; }
/// # struct Editor;
/// # impl Group for Editor { const NAME: &'static str = "editor"; }
/// type Staff = Authorized<Any<(Admin, Editor)>>;
/// ```
pub struct Any<Tuple>(PhantomData<fn() -> Tuple>);

/// Met when `P` is certainly not met. What `P` cannot decide stays refused.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::Not;
/// # struct Suspended;
/// # impl Group for Suspended { const NAME: &'static str = "suspended"; }
/// type Active = Authorized<Not<Suspended>>;
/// ```
pub struct Not<P>(PhantomData<fn() -> P>);

impl<P: Policy> Policy for Not<P> {
    fn check(user: &CognitoUser, now: SystemTime) -> Decision {
        match P::check(user, now) {
            Decision::Granted => Decision::Refused(Self::rule()),
            Decision::Refused(_) => Decision::Granted,
            Decision::Undecided(_) => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::Not(Box::new(P::rule()))
    }
}

/// A certain refusal decides; else what is undecided keeps `All` undecided.
fn all(decisions: impl Iterator<Item = Decision>) -> Decision {
    let mut undecided = None;
    for decision in decisions {
        match decision {
            Decision::Granted => {}
            Decision::Refused(rule) => return Decision::Refused(rule),
            Decision::Undecided(rule) => undecided = undecided.or(Some(rule)),
        }
    }
    undecided.map_or(Decision::Granted, Decision::Undecided)
}

/// A grant decides; else what is undecided keeps `Any` undecided.
fn any(decisions: impl Iterator<Item = Decision>, rule: fn() -> Rule) -> Decision {
    let mut undecided = false;
    for decision in decisions {
        match decision {
            Decision::Granted => return Decision::Granted,
            Decision::Refused(_) => {}
            Decision::Undecided(_) => undecided = true,
        }
    }
    if undecided { Decision::Undecided(rule()) } else { Decision::Refused(rule()) }
}

macro_rules! tuples {
    ($($P:ident)+) => {
        impl<$($P: Policy),+> Policy for All<($($P,)+)> {
            fn check(user: &CognitoUser, now: SystemTime) -> Decision {
                let checks: &[fn(&CognitoUser, SystemTime) -> Decision] = &[$($P::check),+];
                all(checks.iter().map(|check| check(user, now)))
            }

            fn rule() -> Rule {
                Rule::All(vec![$($P::rule()),+])
            }
        }

        impl<$($P: Policy),+> Policy for Any<($($P,)+)> {
            fn check(user: &CognitoUser, now: SystemTime) -> Decision {
                let checks: &[fn(&CognitoUser, SystemTime) -> Decision] = &[$($P::check),+];
                any(checks.iter().map(|check| check(user, now)), Self::rule)
            }

            fn rule() -> Rule {
                Rule::Any(vec![$($P::rule()),+])
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
