//! One refresh of a session at a time, whoever asks for it, and its result for those who come late.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::issued_session::IssuedSession;
use super::latest_tokens::{KEEP, KEEP_DELIVERED, LatestTokens};
use super::refresh_outcome::{ChangeSince, EndedBy, RefreshOutcome, RefreshResult, RefreshTurn};
use crate::sync::{BoundedMap, Leader, SingleFlight};

#[cfg(test)]
mod tests;

/// Sessions remembered at most; beyond it the oldest is forgotten, and the pool decides about its refresh token.
const CAPACITY: usize = 10_000;
/// How many bytes the kept tokens take at most.
const MAX_TOKEN_BYTES: usize = 32 * 1024 * 1024;
/// How long a session rests after a failure; then twice as long, four times, and so on up to half a minute.
const FIRST_REST: Duration = Duration::from_secs(1);
const MAX_REST: Duration = Duration::from_secs(30);
/// The longest pause that a pool may ask for by `Retry-After`.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How long a session rests when it has failed so often before.
pub(super) fn rest_after(failures: u32) -> Duration {
    (FIRST_REST * (1 << failures.min(5))).min(MAX_REST)
}

/// The sessions that are being refreshed, or were a short while ago.
pub(crate) struct RefreshCoordinator {
    entries: Mutex<Entries>,
    filled: Notify,
}

struct Entries {
    sessions: BoundedMap<String, SessionState>,
    /// The latest tokens of these sessions, weighed in bytes.
    tokens: BoundedMap<String, LatestTokens>,
    /// Until when the pool is left alone.
    paused_until: Option<Instant>,
}

struct SessionState {
    refresh: SingleFlight<RefreshOutcome>,
    /// The generation of the latest tokens, which may be kept for a shorter time.
    generation: u32,
    failures: u32,
    rests_until: Option<Instant>,
    /// Until when a valid token serves, since another process refreshes the session.
    held_until: Option<Instant>,
    /// When the visitor signed out, or the pool refused the refresh token, and which of both. A refresh that comes too
    /// late counts as another end.
    ended: Option<(Instant, EndedBy)>,
}

impl RefreshCoordinator {
    pub(crate) fn new() -> Self {
        let entries = Entries {
            sessions: BoundedMap::new(CAPACITY, KEEP),
            tokens: BoundedMap::new(usize::MAX, KEEP).with_max_weight(MAX_TOKEN_BYTES),
            paused_until: None,
        };
        RefreshCoordinator { entries: Mutex::new(entries), filled: Notify::new() }
    }

    /// Takes a turn for a session of which the browser has this `generation`. A later one serves if it
    /// `is_current`. It asks for nothing that can wait if it `is_ahead` of its token's expiry.
    pub(crate) fn turn(
        &self,
        session_id: &str,
        generation: u32,
        is_ahead: bool,
        now: Instant,
        is_current: impl Fn(&IssuedSession) -> bool,
    ) -> RefreshTurn {
        let mut entries = self.lock();
        entries.evict(now);
        let is_paused = entries.paused_until.is_some_and(|until| now < until);
        let Some(session) = entries.sessions.get(session_id) else {
            if is_paused {
                return RefreshTurn::Done(RefreshOutcome::Unavailable);
            }
            return RefreshTurn::Leader(entries.mark_used(session_id, now).refresh.lead(), None);
        };
        if let Some((by, clear_cookies)) = session.end(now) {
            return RefreshTurn::Done(RefreshOutcome::Ended { by, clear_cookies });
        }
        let successor = entries.tokens.get(session_id).and_then(|latest| latest.after(generation, now));
        if let Some(issued) = successor.as_ref().filter(|issued| is_current(issued)) {
            return RefreshTurn::Done(RefreshOutcome::Refreshed(Arc::clone(issued)));
        }
        if let Some(follower) = session.refresh.follow() {
            return RefreshTurn::Follower(follower);
        }
        let rests = |until: Option<Instant>| until.is_some_and(|until| now < until);
        if is_paused || rests(session.rests_until) || (is_ahead && rests(session.held_until)) {
            return RefreshTurn::Done(RefreshOutcome::Unavailable);
        }
        RefreshTurn::Leader(entries.mark_used(session_id, now).refresh.lead(), successor)
    }

    /// Hands what became of a refresh to everybody who waits, and remembers it. It returns what holds then: a sign-out
    /// in the meantime wins.
    pub(crate) fn finish(
        &self,
        session_id: &str,
        replaced: u32,
        leader: Leader<RefreshOutcome>,
        result: RefreshResult,
        now: Instant,
    ) -> RefreshOutcome {
        let mut entries = self.lock();
        entries.evict(now);
        let outcome = entries.finish(session_id, replaced, result, now);
        if matches!(outcome, RefreshOutcome::Refreshed(_)) {
            self.filled.notify_one();
        }
        leader.finish(outcome.clone());
        outcome
    }

    /// Ends a session: a refresh under way comes to nothing. It returns the latest tokens, for their refresh token.
    pub(crate) fn end(&self, session_id: &str, now: Instant) -> Option<Arc<IssuedSession>> {
        let mut entries = self.lock();
        entries.evict(now);
        // Whoever signs out again and again pushes nobody else out.
        if entries.sessions.get(session_id).is_some_and(SessionState::has_ended) {
            return None;
        }
        entries.mark_used(session_id, now).ended = Some((now, EndedBy::App));
        entries.tokens.remove(session_id).map(|latest| latest.issued)
    }

    /// For how long the pool is not asked to refresh this session, if it is left alone.
    pub(crate) fn rest(&self, session_id: &str, now: Instant) -> Option<Duration> {
        let entries = self.lock();
        let rests_until = entries.sessions.get(session_id).and_then(|session| session.rests_until);
        let until = entries.paused_until.max(rests_until)?;
        until.checked_duration_since(now).filter(|rest| !rest.is_zero())
    }

    /// Who has ended the session, if it is known to have ended, and whether the browser's cookies are to go.
    pub(crate) fn end_of(&self, session_id: &str, now: Instant) -> Option<(EndedBy, bool)> {
        self.lock().sessions.get(session_id)?.end(now)
    }

    /// Who has ended the session, if it is known to have ended.
    pub(crate) fn ended_by(&self, session_id: &str) -> Option<EndedBy> {
        self.lock().sessions.get(session_id)?.ended.map(|(_, by)| by)
    }

    /// Whether the session is known to have ended.
    pub(crate) fn has_ended(&self, session_id: &str) -> bool {
        self.lock().sessions.get(session_id).is_some_and(SessionState::has_ended)
    }

    /// The tokens of this `generation` that nobody has been given yet. They count as delivered now.
    pub(crate) fn take_undelivered(
        &self,
        session_id: &str,
        generation: u32,
        now: Instant,
    ) -> Option<Arc<IssuedSession>> {
        let mut entries = self.lock();
        let latest = entries.tokens.get(session_id).filter(|latest| latest.is_only_copy(now))?;
        let issued = Some(Arc::clone(&latest.issued)).filter(|issued| issued.generation() == generation)?;
        if let Some(latest) = entries.tokens.use_present(session_id, now) {
            latest.mark_delivered(generation, now);
        }
        Some(issued)
    }

    /// How often the session has failed to be refreshed, one time after the other.
    pub(crate) fn failures(&self, session_id: &str) -> u32 {
        self.lock().sessions.get(session_id).map_or(0, |session| session.failures)
    }

    /// Whether anything is known of the session.
    pub(crate) fn remembers(&self, session_id: &str) -> bool {
        self.lock().sessions.get(session_id).is_some()
    }

    /// What has become of a session since it was of this `generation`.
    pub(crate) fn since(&self, session_id: &str, generation: u32, now: Instant) -> ChangeSince {
        self.lock().since(session_id, generation, now)
    }

    /// What a browser is given of a session for which these tokens were `issued`: there may be later ones, or nothing of
    /// it any more. They count as delivered.
    pub(crate) fn deliver(
        &self,
        session_id: &str,
        issued: &Arc<IssuedSession>,
        now: Instant,
    ) -> Option<Arc<IssuedSession>> {
        let mut entries = self.lock();
        let given = match entries.since(session_id, issued.generation(), now) {
            ChangeSince::Nothing => Arc::clone(issued),
            ChangeSince::Refreshed(latest) => latest?,
            ChangeSince::Ended => return None,
        };
        if let Some(latest) = entries.tokens.use_present(session_id, now) {
            latest.mark_delivered(given.generation(), now);
            entries.sessions.use_present(session_id, now);
        }
        Some(given)
    }

    /// Drops tokens that nobody may ask for any more. It returns whether there are others, which
    /// [`filled`](Self::filled) has announced.
    pub(crate) fn sweep(&self, now: Instant) -> bool {
        let mut entries = self.lock();
        entries.evict(now);
        entries.tokens.retain(|latest| latest.is_kept(now));
        !entries.tokens.is_empty()
    }

    /// Returns when there may be tokens that no sweep has seen.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionState {
    fn new() -> Self {
        SessionState {
            refresh: SingleFlight::default(),
            generation: 0,
            failures: 0,
            rests_until: None,
            held_until: None,
            ended: None,
        }
    }

    fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Who has ended this session, if it has ended, and whether the browser's cookies are to go.
    fn end(&self, now: Instant) -> Option<(EndedBy, bool)> {
        let (ended_at, by) = self.ended?;
        let is_recent = now.saturating_duration_since(ended_at) <= KEEP_DELIVERED;
        // A while later the browser has no other cookies, or it would have sent them.
        Some((by, !is_recent))
    }

    fn back_off(&mut self, now: Instant) {
        self.rests_until = now.checked_add(rest_after(self.failures));
        self.failures = self.failures.saturating_add(1);
    }
}

impl Entries {
    /// The session, which is now the youngest.
    fn mark_used(&mut self, session_id: &str, now: Instant) -> &mut SessionState {
        self.sessions.mark_used(session_id.to_owned(), now, SessionState::new)
    }

    /// Remembers what became of a refresh, and returns what holds then.
    fn finish(
        &mut self,
        session_id: &str,
        replaced: u32,
        result: RefreshResult,
        now: Instant,
    ) -> RefreshOutcome {
        let session = self.sessions.mark_used(session_id.to_owned(), now, SessionState::new);
        session.refresh.clear();
        if let Some((ended_at, by)) = &mut session.ended {
            *ended_at = now;
            return RefreshOutcome::Ended { by: *by, clear_cookies: false };
        }
        match result {
            // That an older refresh token does not count any more says nothing of the session.
            RefreshResult::Ended | RefreshResult::Refused if replaced < session.generation => {
                let successor = self.tokens.get(session_id).and_then(|latest| latest.after(replaced, now));
                let ended = RefreshOutcome::Ended { by: EndedBy::App, clear_cookies: true };
                successor.map_or(ended, RefreshOutcome::Refreshed)
            }
            RefreshResult::Ended | RefreshResult::Refused => {
                let is_refused = matches!(result, RefreshResult::Refused);
                let by = if is_refused { EndedBy::Pool } else { EndedBy::App };
                session.ended = Some((now, by));
                RefreshOutcome::Ended { by, clear_cookies: true }
            }
            RefreshResult::Unavailable(pause) => {
                session.back_off(now);
                self.pause(pause, now);
                RefreshOutcome::Unavailable
            }
            RefreshResult::Rests { rest, pause } => {
                session.rests_until = now.checked_add(rest);
                self.pause(pause, now);
                RefreshOutcome::Unavailable
            }
            RefreshResult::Held => {
                session.held_until = now.checked_add(FIRST_REST);
                RefreshOutcome::Held
            }
            RefreshResult::Elsewhere(stored) => {
                session.failures = 0;
                session.rests_until = None;
                RefreshOutcome::Elsewhere(stored)
            }
            RefreshResult::Busy => {
                session.rests_until = now.checked_add(FIRST_REST);
                RefreshOutcome::Unavailable
            }
            RefreshResult::Refreshed { issued, is_usable } => {
                if is_usable {
                    session.failures = 0;
                    session.rests_until = None;
                } else {
                    session.back_off(now);
                }
                session.generation = session.generation.max(issued.generation());
                let earlier = self.tokens.remove(session_id);
                let latest = LatestTokens::replacing(replaced, earlier, Arc::clone(&issued), now);
                self.tokens.insert_weighing(session_id.to_owned(), latest, issued.tokens.bytes(), now);
                self.evict(now);
                RefreshOutcome::Refreshed(issued)
            }
        }
    }

    /// What has become of a session since it was of this `generation`.
    fn since(&self, session_id: &str, generation: u32, now: Instant) -> ChangeSince {
        match self.sessions.get(session_id) {
            Some(session) if session.has_ended() => ChangeSince::Ended,
            Some(session) if session.generation > generation => {
                let latest = self.tokens.get(session_id).filter(|latest| latest.is_kept(now));
                ChangeSince::Refreshed(latest.map(|latest| Arc::clone(&latest.issued)))
            }
            _ => ChangeSince::Nothing,
        }
    }

    /// Leaves the pool alone for a while. A call that was under way meanwhile does not shorten it.
    fn pause(&mut self, pause: Option<Duration>, now: Instant) {
        let until = pause.and_then(|pause| now.checked_add(pause.min(MAX_PAUSE)));
        self.paused_until = self.paused_until.max(until);
    }

    fn evict(&mut self, now: Instant) {
        self.tokens.evict(now, |_, latest| latest.is_only_copy(now));
        let tokens = &self.tokens;
        let is_only_copy =
            |session_id: &str| tokens.get(session_id).is_some_and(|latest| latest.is_only_copy(now));
        // Evicted while it is refreshed, its refresh token would be used a second time.
        let evicted = self
            .sessions
            .evict(now, |session_id, session| session.refresh.is_under_way() || is_only_copy(session_id));
        for (session_id, _) in evicted {
            self.tokens.remove(&session_id);
        }
    }
}
