//! The session that a request of a test carries.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::Request;

use super::session::{Place, Session};

/// The session that a request carries, and the line of the test that has asked for it.
#[derive(Default)]
struct Carried(Mutex<Option<(Session, Place)>>);

/// Where the session of `request` lies, if it carries one.
pub(super) fn carried<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Option<(Session, Place)>> {
    request.local_cache(Carried::default).0.lock().unwrap_or_else(PoisonError::into_inner)
}
