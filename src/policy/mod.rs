//! Rules about callers, which [`Authorized`](crate::Authorized) enforces: groups, scopes, fresh sign-ins, and your own.

mod combinators;
mod fresh;
mod group;
mod policy;
mod rule;
mod scope;
mod token_use;

pub use self::combinators::{All, Any, Not};
pub use self::fresh::Fresh;
pub(crate) use self::fresh::{LEAST_SECONDS, after_a_fresh_login};
pub use self::group::Group;
#[doc(hidden)]
pub use self::group::{MaybeGroup, Unset};
pub use self::policy::{Decision, Policy};
pub use self::rule::Rule;
pub use self::scope::{AnyScope, Scope, ScopeTuple, Scopes};
pub use self::token_use::{HasAccessToken, HasIdToken};
pub use crate::user::{CallerKind, CredentialSource};
