//! What a request has done to its session.

use std::sync::Arc;
use std::time::Duration;

use super::issued_session::IssuedSession;
use super::record::SessionRecord;
use crate::store::SessionAddress;

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
    /// A stored session whose user has been seen, to be kept for so long.
    Touched(SessionAddress, Duration),
    /// It is over, here and at the pool.
    Ended,
    /// The visitor signs out: it is to be ended with the answer.
    SignedOut,
    /// The visitor signs out, and it has ended: what the browser has of it goes with the answer.
    Left,
}

impl SessionChange {
    /// Whether this is to be saved, though the request has done something else since.
    pub(crate) fn outranks(&self, other: &SessionChange) -> bool {
        use SessionChange::{Begun, Ended, Left, Refreshed, Refused, Seen, SignedOut, Touched};
        match self {
            SignedOut | Left => true,
            // What ends meanwhile is the session that the browser sent, not the new one.
            Begun(_) | Refused(_) => matches!(other, Refreshed(_) | Seen(_) | Touched(..) | Ended),
            Ended => matches!(other, Refreshed(_) | Seen(_) | Touched(..)),
            Refreshed(_) | Seen(_) | Touched(..) => false,
        }
    }
}
