//! The guards of route signatures.

mod credential_only;
mod current_user;
mod guards;
mod or_forward;

pub use self::credential_only::{BearerOnly, SessionOnly};
pub use self::current_user::{CurrentUser, LoadUser};
pub use self::guards::{Authorized, InAnyGroup, InGroups, MaybeGroup, Unset};
pub(crate) use self::guards::{fairing_is_missing, outcome, sign_in_is_missing};
pub use self::or_forward::OrForward;
