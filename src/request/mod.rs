//! One request: who sent it, and what its answer leaves behind.

mod answered_denial;
mod bearer_header;
mod callback_query;
mod disabled_host;
mod finish;
mod identity;
mod lookup;
mod page_before;
mod same_origin;
mod session_identity;
mod state;

pub(crate) use self::answered_denial::answered_denial;
pub(crate) use self::bearer_header::BearerHeader;
#[cfg(any(test, fuzzing))]
pub(crate) use self::bearer_header::parse;
pub(crate) use self::callback_query::hide_query;
pub(crate) use self::disabled_host::check_host;
pub(crate) use self::finish::{end_session, save_session};
pub(crate) use self::identity::identity_of;
pub(crate) use self::page_before::{judged, own_address, page_before};
pub(crate) use self::same_origin::{cross_site, is_same_origin};
pub(crate) use self::session_identity::{load_session, refresh_session};
pub(crate) use self::state::{AfterSignIn, RequestOutcome, RequestState, ResponseChanges, SignInEnd};
