//! What a list shows of a session.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::opened_session::OpenedSession;
use crate::clock::UnixSeconds;
use crate::http::device_label;

/// One session of a user, as [`Sessions::of`](super::sessions::Sessions::of) lists it. Nothing in it is a secret.
///
/// It is `Serialize`, for templates and JSON:
///
/// | field | is |
/// |---|---|
/// | `id` | [`id`](Self::id) |
/// | `device` | [`device`](Self::device) |
/// | `user_agent` | [`user_agent`](Self::user_agent), or `null` |
/// | `created_at`, `last_seen_at`, `ends_at` | times, in seconds since the Unix epoch |
/// | `is_current` | [`is_current`](Self::is_current) |
///
/// # Example
/// ```rust
/// use rocket_cognito::SessionInfo;
///
/// fn row(session: &SessionInfo) -> String {
///     let mark = if session.is_current() { ", this device" } else { "" };
///     let idle = session.last_seen_at().elapsed().unwrap_or_default();
///     format!("{}{mark}, last seen {} minutes ago", session.device(), idle.as_secs() / 60)
/// }
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct SessionInfo {
    id: String,
    device: String,
    user_agent: Option<String>,
    created_at: UnixSeconds,
    last_seen_at: UnixSeconds,
    ends_at: UnixSeconds,
    is_current: bool,
    /// To sort by: two may have been seen in one second.
    #[serde(skip)]
    unseen_for: Duration,
}

impl SessionInfo {
    /// A session that ends in so many seconds if nobody uses it. The `current` one is being seen.
    pub(super) fn new(session: &OpenedSession, ends_in: u64, is_current: bool, now: UnixSeconds) -> Self {
        let (record, user_agent) = (&session.record, session.user_agent.clone());
        SessionInfo {
            id: record.session_id.clone(),
            device: device_label(user_agent.as_deref().unwrap_or_default()),
            user_agent,
            created_at: record.created_at,
            last_seen_at: if is_current { now } else { session.seen_at },
            ends_at: now.plus(ends_in),
            is_current,
            unseen_for: if is_current { Duration::ZERO } else { session.unseen_for },
        }
    }

    /// The name of the session for [`Sessions::end`](super::sessions::Sessions::end): 43 letters, digits, `-` and `_`.
    /// It stays the same for as long as the session lasts, and nobody signs in with it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The device of the sign-in for people, such as `Firefox on Windows` or `Safari on iPhone`; `Unknown device` where its
    /// browser does not say. It is what the browser says of itself.
    #[must_use]
    pub fn device(&self) -> &str {
        &self.device
    }

    /// The header `User-Agent` of the sign-in: its printable ASCII, up to 512 bytes. Whoever signs in can write anything
    /// there: a page has to escape it.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// When the user signed in.
    #[must_use]
    pub fn created_at(&self) -> SystemTime {
        self.created_at.into()
    }

    /// When a request last came by the session. It is noted by the quarter of `session_idle_seconds`, and without that
    /// setting every five minutes; for the [current](Self::is_current) session it is now.
    #[must_use]
    pub fn last_seen_at(&self) -> SystemTime {
        self.last_seen_at.into()
    }

    /// When the session is over if nobody uses it until then.
    #[must_use]
    pub fn ends_at(&self) -> SystemTime {
        self.ends_at.into()
    }

    /// Whether the request that asks for the list came by this session.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// What a list is sorted by: the session that was seen last comes first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        (!self.is_current, self.unseen_for, std::cmp::Reverse(self.created_at))
    }
}
