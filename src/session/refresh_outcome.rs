//! What a request that wants a session refreshed is to do, and what comes of it.

use std::sync::Arc;
use std::time::Duration;

use super::issued_session::IssuedSession;
use super::refusal::SessionRefusal;
use crate::store::StoredSession;
use crate::sync::{Follower, Leader};

/// Who has ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndedBy {
    /// This app: by a sign-out, a limit, or tokens that do not belong to the session.
    App,
    /// The pool, which refused the refresh token.
    Pool,
}

impl EndedBy {
    /// What a request of the session finds from then on.
    pub(super) fn refusal(self) -> SessionRefusal {
        match self {
            EndedBy::App => SessionRefusal::Expired,
            EndedBy::Pool => SessionRefusal::EndedByPool,
        }
    }
}

/// What became of a refresh.
#[derive(Clone)]
pub(crate) enum RefreshOutcome {
    Refreshed(Arc<IssuedSession>),
    /// The session has ended. If it has only just, the browser's cookies may be those of the sign-out or sign-in that
    /// ended it, and stay.
    Ended {
        by: EndedBy,
        clear_cookies: bool,
    },
    /// The pool is in trouble. The session stays.
    Unavailable,
    /// Another process has refreshed the session, which lies in the store.
    Elsewhere(Arc<StoredSession>),
    /// Another process is refreshing it.
    Held,
}

/// What has become of a session since a request came with some generation of it.
pub(crate) enum ChangeSince {
    Nothing,
    /// `None` where the tokens are not kept any more.
    Refreshed(Option<Arc<IssuedSession>>),
    Ended,
}

/// What came of asking the pool.
pub(crate) enum RefreshResult {
    /// `is_usable` unless the new tokens could not be verified, though the old refresh token is used up.
    Refreshed { issued: Arc<IssuedSession>, is_usable: bool },
    /// The session has ended here, or in the store.
    Ended,
    /// The pool refused the refresh token.
    Refused,
    /// Another process has refreshed the session, which lies in the store.
    Elsewhere(Arc<StoredSession>),
    /// Another process is refreshing it.
    Held,
    /// The session rests in all processes; with the time that this one leaves the pool alone, if this concerns more than
    /// one session.
    Rests { rest: Duration, pause: Option<Duration> },
    /// The pool is in trouble; with the time that it is to be left alone, if this concerns more than one session.
    Unavailable(Option<Duration>),
    /// The pool was not asked: too many calls are under way.
    Busy,
}

/// What a request that wants a session refreshed is to do.
pub(crate) enum RefreshTurn {
    /// Ask the pool, with the tokens of this later generation if there is one, and then `finish` with the coordinator.
    Leader(Leader<RefreshOutcome>, Option<Arc<IssuedSession>>),
    /// Somebody is asking already: wait for it, or go on with what is still valid.
    Follower(Follower<RefreshOutcome>),
    /// There is an outcome already.
    Done(RefreshOutcome),
}
