//! The guards of route signatures.

mod authorized;
mod caller_kind;
mod credential_only;
mod current_user;
mod groups;
mod or_forward;
mod outcome;
mod sessions;

pub use self::authorized::Authorized;
pub(crate) use self::caller_kind::caller_of;
pub use self::credential_only::{BearerOnly, SessionOnly};
pub use self::current_user::{CurrentUser, LoadUser};
pub use self::groups::{InAnyGroup, InGroups};
pub use self::or_forward::OrForward;
pub(crate) use self::outcome::{outcome, sign_in_is_missing};
