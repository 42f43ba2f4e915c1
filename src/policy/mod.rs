//! Rules about callers, which [`Authorized`](crate::Authorized) enforces: groups, scopes, levels and methods of sign-in,
//! fresh sign-ins, and your own.

mod any_method;
mod combinators;
mod fresh;
mod group;
mod level;
pub mod method;
mod policy;
mod rule;
mod scope;
mod sign_in_that_helps;
mod token_use;

pub use self::any_method::{AnyMethod, Method, MethodTuple};
pub use self::combinators::{All, Any, Not};
pub use self::fresh::Fresh;
pub use self::group::Group;
#[doc(hidden)]
pub use self::group::{MaybeGroup, Unset};
pub use self::level::Level;
pub use self::policy::{Decision, Policy};
pub use self::rule::Rule;
pub use self::scope::{AnyScope, Scope, ScopeTuple, Scopes};
pub(crate) use self::sign_in_that_helps::{Help, sign_in_that_helps};
pub use self::token_use::{HasAccessToken, HasIdToken};
pub use crate::user::{CallerKind, CredentialSource};
