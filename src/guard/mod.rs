//! The guards of route signatures, and of whole mounts.

mod authorized;
mod caller_kind;
mod carrier;
mod credential_only;
mod current_user;
mod groups;
mod guarded;
mod or_forward;
mod outcome;
mod refusal;
mod sessions;
mod short_name;

pub use self::authorized::Authorized;
pub(crate) use self::caller_kind::caller_of;
pub use self::credential_only::{BearerOnly, SessionOnly};
pub use self::current_user::{CurrentUser, LoadUser};
pub use self::groups::{InAnyGroup, InGroups};
pub use self::guarded::guarded;
pub use self::or_forward::OrForward;
pub(crate) use self::outcome::{outcome, sign_in_is_missing};
