//! What a request has done to its session.

use std::sync::Arc;

use super::issued_session::IssuedSession;
use super::record::SessionRecord;

/// What a request has done to its session, to be saved with its answer.
#[derive(Clone)]
pub(crate) enum SessionChange {
    /// A sign-in has just been completed.
    Begun(Arc<IssuedSession>),
    /// The app's hook has refused a sign-in.
    Refused(Arc<IssuedSession>),
    Refreshed(Arc<IssuedSession>),
    /// Its record is to be written again, since the user has been seen.
    Seen(SessionRecord),
    /// It is over, here and at the pool.
    Ended,
    /// The visitor signs out: it is to be ended with the answer.
    SignedOut,
}
