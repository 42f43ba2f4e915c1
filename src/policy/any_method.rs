//! The methods by which somebody signed in, as types, and the rule that asks for one of them.

use std::marker::PhantomData;
use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// A method of signing in, as a type for [`AnyMethod`]: a value of the claim `amr` (RFC 8176). Those of Cognito stand in
/// [`method`](super::method).
///
/// # Example
/// ```rust
/// use rocket_cognito::policy::Method;
///
/// /// What an identity provider behind the pool says of a smart card.
/// struct SmartCard;
/// impl Method for SmartCard { const NAME: &'static str = "sc"; }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a method of signing in",
    label = "not a value of the claim `amr`",
    note = "those of Cognito stand in `rocket_cognito::policy::method`",
    note = "another one becomes one by `impl rocket_cognito::policy::Method for {Self} {{ const NAME: &'static str = \"…\"; }}`"
)]
pub trait Method: 'static {
    /// The method's name in the token, byte for byte.
    const NAME: &'static str;
}

/// Met when the user signed in by at least one method of the tuple, of one to eight: when the claim `amr` has it.
///
/// A token without `amr` satisfies no such rule, and neither does one whose claim is no list of texts; both are refused
/// under `Not` too. Whoever has used other methods is answered with 403 `rule_not_met`: a sign-in can be asked for a
/// [`Level`](super::Level), and not for a method. Beside a `Level` that is the answer too, unless it is
/// `Level<4>` and one of the methods is `pwd`, `otp` or `mfa`, which a sign-in of that level always has.
///
/// # Example
/// ```rust
/// use rocket_cognito::Authorized;
/// use rocket_cognito::policy::{AnyMethod, method};
///
/// type ByOwnDevice = Authorized<AnyMethod<(method::Totp, method::PlatformPasskey, method::RoamingPasskey)>>;
/// ```
///
/// Sources: Cognito's developer guide, "Step-up authentication"; RFC 8176.
pub struct AnyMethod<M: MethodTuple>(PhantomData<fn() -> M>);

/// A tuple of one to eight methods; nothing else is one.
///
/// # Example
/// ```rust
/// use rocket_cognito::policy::{MethodTuple, method};
///
/// assert_eq!(<(method::Totp, method::Sms)>::NAMES, ["otp", "sms"]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of one to eight methods of signing in",
    label = "not a tuple of methods",
    note = "one method `A` is written `(A,)`, two are `(A, B)`"
)]
pub trait MethodTuple: sealed::Sealed + 'static {
    /// Their names.
    const NAMES: &'static [&'static str];
}

impl<M: MethodTuple> Policy for AnyMethod<M> {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        match user.known_methods() {
            None => Decision::Undecided(Self::rule()),
            Some(used) if used.iter().any(|used| M::NAMES.contains(&used.as_str())) => Decision::Granted,
            Some(_) => Decision::Refused(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::Any(M::NAMES.iter().copied().map(Rule::method).collect())
    }
}

/// An empty list of names would mean nothing.
mod sealed {
    pub trait Sealed {}
}

macro_rules! tuples {
    ($(($($M:ident)+))+) => {
        $(impl<$($M: Method),+> sealed::Sealed for ($($M,)+) {}

        impl<$($M: Method),+> MethodTuple for ($($M,)+) {
            const NAMES: &'static [&'static str] = &[$($M::NAME),+];
        })+
    };
}

tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
}
