//! The guards of route signatures, and of routes that are there already.

mod asks;
mod authorized;
mod by;
mod caller_kind;
mod carrier;
mod causes;
mod credential_only;
mod current_user;
mod groups;
mod guard;
mod guarded;
#[cfg(feature = "testing")]
mod handler_trace;
mod or_forward;
mod outcome;
mod probe;
mod question;
mod refusal;
mod sessions;
mod short_name;

pub use self::asks::Asks;
pub use self::authorized::Authorized;
pub use self::by::By;
pub(crate) use self::caller_kind::caller_of;
#[cfg(feature = "testing")]
pub(crate) use self::carrier::carrier;
pub use self::credential_only::{BearerOnly, SessionOnly};
pub use self::current_user::{CurrentUser, LoadUser};
pub use self::groups::{InAnyGroup, InGroups};
pub(crate) use self::guard::Guard;
pub use self::guarded::guarded;
#[cfg(feature = "testing")]
pub(crate) use self::handler_trace::HandlerTrace;
pub use self::or_forward::OrForward;
pub(crate) use self::outcome::{app_is_missing, outcome, sign_in_is_missing};
pub(crate) use self::probe::has_noted;
#[cfg(feature = "testing")]
pub(crate) use self::probe::{Noted, Probe};
#[cfg(feature = "testing")]
pub(crate) use self::question::Question;
pub(crate) use self::question::answer_question;
