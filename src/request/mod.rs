//! One request: who sent it, and what it leaves behind.

mod bearer_header;
mod callback_query;
mod identity;
mod session_identity;
mod state;

pub(crate) use self::bearer_header::BearerHeader;
#[cfg(any(test, fuzzing))]
pub(crate) use self::bearer_header::parse;
pub(crate) use self::callback_query::hide_query;
pub(crate) use self::identity::{identity_of, is_same_origin, only};
pub(crate) use self::session_identity::{from_session, refreshed};
pub(crate) use self::state::{Finished, RequestState};
