//! Scopes of an access token, as types, and the rules that ask for them.

use std::marker::PhantomData;
use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// A scope of the access token (RFC 6749 section 3.3), as a type for [`Scopes`] and [`AnyScope`].
///
/// Cognito names the scopes of your own APIs `resource-server/scope`. The name is written out, never derived
/// from the type's name.
///
/// # Example
/// ```rust
/// use rocket_cognito::policy::Scope;
///
/// struct ReadOrders;
/// impl Scope for ReadOrders { const NAME: &'static str = "orders/read"; }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an OAuth scope",
    label = "not a scope of an access token",
    note = "type `impl rocket_cognito::policy::Scope for {Self} {{ const NAME: &'static str = \"…\"; }}`"
)]
pub trait Scope: 'static {
    /// The scope's name in the token, byte for byte.
    const NAME: &'static str;
}

/// Met when the access token was granted every scope of the tuple, of one to eight.
///
/// What was asked for at sign-in does not count, only what the token says. An ID token has no scopes; one that
/// cannot be read as RFC 6749 section 3.3 demands grants none. An API client that lacks one gets 403 with
/// `error="insufficient_scope"` (RFC 6750 section 3.1).
///
/// # Example
/// ```rust
/// use rocket::post;
/// use rocket_cognito::Authorized;
/// use rocket_cognito::policy::{Scope, Scopes};
///
/// struct WriteOrders;
/// impl Scope for WriteOrders { const NAME: &'static str = "orders/write"; }
///
/// #[post("/orders")]
/// fn create(by: Authorized<Scopes<(WriteOrders,)>>) -> String {
///     format!("Noted, {}.", by.username())
/// }
/// ```
pub struct Scopes<S: ScopeTuple>(PhantomData<fn() -> S>);

/// Met when the access token was granted at least one scope of the tuple, of one to eight; otherwise as [`Scopes`].
///
/// # Example
/// ```rust
/// # use rocket_cognito::Authorized;
/// # use rocket_cognito::policy::{AnyScope, Scope};
/// # struct ReadOrders;
/// # impl Scope for ReadOrders { const NAME: &'static str = "orders/read"; }
/// # struct WriteOrders;
/// # impl Scope for WriteOrders { const NAME: &'static str = "orders/write"; }
/// type MayLook = Authorized<AnyScope<(ReadOrders, WriteOrders)>>;
/// ```
pub struct AnyScope<S: ScopeTuple>(PhantomData<fn() -> S>);

/// A tuple of one to eight scopes; nothing else is one.
///
/// # Example
/// ```rust
/// # use rocket_cognito::policy::Scope;
/// use rocket_cognito::policy::ScopeTuple;
///
/// # struct Read;
/// # impl Scope for Read { const NAME: &'static str = "orders/read"; }
/// # struct Write;
/// # impl Scope for Write { const NAME: &'static str = "orders/write"; }
/// assert_eq!(<(Read, Write)>::NAMES, ["orders/read", "orders/write"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of one to eight OAuth scopes",
    label = "not a tuple of scopes",
    note = "one scope `A` is written `(A,)`, two are `(A, B)`"
)]
pub trait ScopeTuple: sealed::Sealed + 'static {
    /// Their names.
    const NAMES: &'static [&'static str];
}

impl<S: ScopeTuple> Policy for Scopes<S> {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        decide(user, Self::rule, |granted| S::NAMES.iter().all(|name| granted(name)))
    }

    fn rule() -> Rule {
        Rule::All(S::NAMES.iter().copied().map(Rule::scope).collect())
    }
}

impl<S: ScopeTuple> Policy for AnyScope<S> {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        decide(user, Self::rule, |granted| S::NAMES.iter().any(|name| granted(name)))
    }

    fn rule() -> Rule {
        Rule::Any(S::NAMES.iter().copied().map(Rule::scope).collect())
    }
}

fn decide(
    user: &CognitoUser,
    rule: fn() -> Rule,
    is_met: impl FnOnce(&dyn Fn(&str) -> bool) -> bool,
) -> Decision {
    if user.known_scopes().is_none() {
        return Decision::Undecided(rule());
    }
    match is_met(&|name| user.scopes().any(|scope| scope == name)) {
        true => Decision::Granted,
        false => Decision::Refused(rule()),
    }
}

/// An empty list of names would let everybody in.
mod sealed {
    pub trait Sealed {}
}

macro_rules! tuples {
    ($(($($S:ident)+))+) => {
        $(impl<$($S: Scope),+> sealed::Sealed for ($($S,)+) {}

        impl<$($S: Scope),+> ScopeTuple for ($($S,)+) {
            const NAMES: &'static [&'static str] = &[$($S::NAME),+];
        })+
    };
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}
