//! One renewal of a session at a time, whoever asks for it, and its result for those who come late.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::sync::{Follower, Leader, SingleFlight};

#[cfg(test)]
mod tests;

/// Sessions remembered at most; beyond it the oldest is forgotten, and the pool decides about its refresh token.
const CAPACITY: usize = 10_000;
/// Renewals under way that are passed over in the search for a session to forget.
const MAX_SPARED: usize = 32;
/// How long a session is remembered after its last renewal.
const KEEP: Duration = Duration::from_secs(600);
/// How long a renewal's tokens are kept for requests that were sent before its cookies arrived: Cognito's longest
/// grace period for a refresh token that has been replaced.
const KEEP_TOKENS: Duration = Duration::from_secs(60);
/// What tokens are kept at most, in bytes.
const MAX_TOKEN_BYTES: usize = 32 * 1024 * 1024;
/// After a failure a session rests for so long, then for twice, four times as long, and so on up to half a minute.
const FIRST_REST: Duration = Duration::from_secs(1);
const MAX_REST: Duration = Duration::from_secs(30);
/// What a pool may ask for by `Retry-After`.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The sessions that are being renewed, or have been a short while ago.
pub(crate) struct Renewals<T> {
    entries: Mutex<Entries<T>>,
    filled: Notify,
}

/// By the monotonic clock: the wall clock may be set back.
struct Entries<T> {
    sessions: HashMap<String, Entry<T>>,
    /// The oldest first. What has been touched since stands further back once more.
    order: VecDeque<(String, Instant)>,
    /// Whose tokens are kept, and how many bytes these take.
    kept: VecDeque<(String, u32, usize)>,
    kept_bytes: usize,
    /// Until when the pool is left alone.
    paused_until: Option<Instant>,
}

struct Entry<T> {
    touched_at: Instant,
    renewal: SingleFlight<Outcome<T>>,
    latest: Option<Latest<T>>,
    /// Of the latest tokens, which are kept for a shorter time.
    generation: u32,
    failures: u32,
    rests_until: Option<Instant>,
    /// By sign-out, or since the pool says so.
    is_over: bool,
}

struct Latest<T> {
    generation: u32,
    renewed: Arc<T>,
    at: Instant,
    /// The generations that this one has replaced, and when.
    replaced: Vec<(u32, Instant)>,
}

/// What became of a renewal.
pub(crate) enum Outcome<T> {
    Renewed(Arc<T>),
    /// The session is over, and its cookies may go.
    Over,
    /// It has ended just now by a sign-out or another sign-in, whose cookies must stay.
    Ended,
    /// The pool is in trouble. The session stays.
    Unavailable,
}

/// What has become of a session since a request came with some generation of it.
pub(crate) enum Since<T> {
    Nothing,
    /// `None` where the tokens are not kept any more.
    Renewed(Option<Arc<T>>),
    Over,
}

/// What a request that wants a session renewed is to do.
pub(crate) enum Turn<T> {
    /// Ask the pool, with the tokens of this later generation if there is one, then [`finish`](Renewals::finish).
    First(Leader<Outcome<T>>, Option<Arc<T>>),
    /// Somebody is asking already: wait for it, or go on with what is still valid.
    UnderWay(Follower<Outcome<T>>),
    /// There is an outcome already.
    Done(Outcome<T>),
}

impl<T> Clone for Outcome<T> {
    fn clone(&self) -> Self {
        match self {
            Outcome::Renewed(renewed) => Outcome::Renewed(Arc::clone(renewed)),
            Outcome::Over => Outcome::Over,
            Outcome::Ended => Outcome::Ended,
            Outcome::Unavailable => Outcome::Unavailable,
        }
    }
}

impl<T> Renewals<T> {
    pub(crate) fn new() -> Self {
        let entries = Entries {
            sessions: HashMap::new(),
            order: VecDeque::new(),
            kept: VecDeque::new(),
            kept_bytes: 0,
            paused_until: None,
        };
        Renewals { entries: Mutex::new(entries), filled: Notify::new() }
    }

    /// Takes a turn for a session of which the browser has this `generation`. A later one serves if it
    /// `is_current`.
    pub(crate) fn turn(
        &self,
        session_id: &str,
        generation: u32,
        now: Instant,
        is_current: impl Fn(&T) -> bool,
    ) -> Turn<T> {
        let mut entries = self.lock();
        entries.forget_old(now);
        let paused = entries.paused_until.is_some_and(|until| now < until);
        let Some(entry) = entries.sessions.get_mut(session_id) else {
            if paused {
                return Turn::Done(Outcome::Unavailable);
            }
            return Turn::First(entries.touch(session_id, now).renewal.lead(), None);
        };
        if entry.is_over {
            return Turn::Done(entry.end(now));
        }
        let successor = entry.successor_of(generation, now);
        if let Some(renewed) = successor.as_ref().filter(|renewed| is_current(renewed)) {
            return Turn::Done(Outcome::Renewed(Arc::clone(renewed)));
        }
        if let Some(follower) = entry.renewal.follow() {
            return Turn::UnderWay(follower);
        }
        if paused || entry.rests_until.is_some_and(|until| now < until) {
            return Turn::Done(Outcome::Unavailable);
        }
        Turn::First(entries.touch(session_id, now).renewal.lead(), successor)
    }

    /// Tells everybody who waits what became of a renewal, and remembers it. The answer is what holds then: a
    /// sign-out in the meantime wins.
    pub(crate) fn finish(
        &self,
        session_id: &str,
        replaced: u32,
        leader: Leader<Outcome<T>>,
        finished: Finished<T>,
        now: Instant,
    ) -> Outcome<T> {
        let mut entries = self.lock();
        entries.forget_old(now);
        let entry = entries.touch(session_id, now);
        entry.renewal.clear();
        let outcome = match finished {
            _ if entry.is_over => Outcome::Ended,
            // That an older refresh token does not count any more says nothing of the session.
            Finished::Over if replaced < entry.generation => {
                entry.successor_of(replaced, now).map_or(Outcome::Over, Outcome::Renewed)
            }
            Finished::Over => {
                entry.is_over = true;
                Outcome::Over
            }
            Finished::Unavailable(pause) => {
                entry.rest(now);
                let until = pause.and_then(|pause| now.checked_add(pause.min(MAX_PAUSE)));
                // A call that was under way meanwhile does not shorten it.
                entries.paused_until = entries.paused_until.max(until);
                Outcome::Unavailable
            }
            Finished::Busy => {
                entry.rests_until = now.checked_add(FIRST_REST);
                Outcome::Unavailable
            }
            Finished::Renewed { generation, renewed, bytes, is_usable } => {
                if is_usable {
                    entry.failures = 0;
                    entry.rests_until = None;
                } else {
                    entry.rest(now);
                }
                let mut all_replaced = entry.latest.take().map_or_else(Vec::new, |latest| latest.replaced);
                all_replaced.retain(|(_, at)| now.saturating_duration_since(*at) <= KEEP_TOKENS);
                all_replaced.push((replaced, now));
                let latest =
                    Latest { generation, renewed: Arc::clone(&renewed), at: now, replaced: all_replaced };
                entry.latest = Some(latest);
                entry.generation = entry.generation.max(generation);
                entries.kept.push_back((session_id.to_owned(), generation, bytes));
                entries.kept_bytes += bytes;
                entries.forget_old(now);
                self.filled.notify_one();
                Outcome::Renewed(renewed)
            }
        };
        leader.finish(outcome.clone());
        outcome
    }

    /// Ends a session: a renewal under way comes to nothing. What has been renewed last, for its refresh token.
    pub(crate) fn end(&self, session_id: &str, now: Instant) -> Option<Arc<T>> {
        let mut entries = self.lock();
        entries.forget_old(now);
        // Whoever signs out again and again pushes nobody else out.
        if entries.sessions.get(session_id).is_some_and(|entry| entry.is_over) {
            return None;
        }
        let entry = entries.touch(session_id, now);
        entry.is_over = true;
        entry.latest.take().map(|latest| latest.renewed)
    }

    /// How the session has ended, if it is known to be over.
    pub(crate) fn end_of(&self, session_id: &str, now: Instant) -> Option<Outcome<T>> {
        let entries = self.lock();
        entries.sessions.get(session_id).filter(|entry| entry.is_over).map(|entry| entry.end(now))
    }

    /// Whether the session is known to be over.
    pub(crate) fn is_over(&self, session_id: &str) -> bool {
        self.lock().sessions.get(session_id).is_some_and(|entry| entry.is_over)
    }

    /// What has become of a session since it was of this `generation`.
    pub(crate) fn since(&self, session_id: &str, generation: u32) -> Since<T> {
        match self.lock().sessions.get(session_id) {
            Some(entry) if entry.is_over => Since::Over,
            Some(entry) if entry.generation > generation => {
                Since::Renewed(entry.latest.as_ref().map(|latest| Arc::clone(&latest.renewed)))
            }
            _ => Since::Nothing,
        }
    }

    /// Drops tokens that nobody may ask for any more. The answer is whether there are others, of which
    /// [`filled`](Self::filled) has told.
    pub(crate) fn sweep(&self, now: Instant) -> bool {
        let mut entries = self.lock();
        entries.forget_old(now);
        !entries.kept.is_empty()
    }

    /// Returns when there may be tokens that no sweep has seen.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Entries<T>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of asking the pool.
pub(crate) enum Finished<T> {
    /// `is_usable` unless the new tokens could not be verified or kept, though the old refresh token is used up.
    Renewed {
        generation: u32,
        renewed: Arc<T>,
        bytes: usize,
        is_usable: bool,
    },
    Over,
    /// With the time that the pool is to be left alone, if it is about more than this session.
    Unavailable(Option<Duration>),
    /// The pool was not asked: too many calls are under way.
    Busy,
}

impl<T> Entry<T> {
    /// What a request of this session finds, which is over.
    fn end(&self, now: Instant) -> Outcome<T> {
        // A while later the browser has no other cookies, or it would have sent them.
        let is_recent = now.saturating_duration_since(self.touched_at) <= KEEP_TOKENS;
        if is_recent { Outcome::Ended } else { Outcome::Over }
    }

    fn rest(&mut self, now: Instant) {
        let rest = (FIRST_REST * (1 << self.failures.min(5))).min(MAX_REST);
        self.failures = self.failures.saturating_add(1);
        self.rests_until = now.checked_add(rest);
    }

    /// The latest tokens, for a browser that may have missed them.
    fn successor_of(&self, generation: u32, now: Instant) -> Option<Arc<T>> {
        let latest = self.latest.as_ref()?;
        let missed = latest.replaced.iter().any(|(replaced, at)| {
            *replaced == generation && now.saturating_duration_since(*at) <= KEEP_TOKENS
        });
        (missed && generation < latest.generation).then(|| Arc::clone(&latest.renewed))
    }
}

impl<T> Entries<T> {
    /// The entry of a session, which is now the youngest.
    fn touch(&mut self, session_id: &str, now: Instant) -> &mut Entry<T> {
        self.order.push_back((session_id.to_owned(), now));
        let new = || Entry {
            touched_at: now,
            renewal: SingleFlight::default(),
            latest: None,
            generation: 0,
            failures: 0,
            rests_until: None,
            is_over: false,
        };
        let entry = self.sessions.entry(session_id.to_owned()).or_insert_with(new);
        entry.touched_at = now;
        entry
    }

    fn forget_old(&mut self, now: Instant) {
        let mut spared = 0;
        while let Some((session_id, touched_at)) = self.order.front() {
            let entry = self.sessions.get(session_id).filter(|entry| entry.touched_at == *touched_at);
            let is_old = now.saturating_duration_since(*touched_at) > KEEP;
            let is_full = self.sessions.len() >= CAPACITY || self.order.len() >= 4 * CAPACITY;
            if entry.is_some() && !is_old && !is_full {
                break;
            }
            // Forgotten, its refresh token would be used a second time.
            if entry.is_some_and(|entry| entry.renewal.is_under_way()) && spared < MAX_SPARED {
                spared += 1;
                self.order.rotate_left(1);
                continue;
            }
            if entry.is_some() {
                self.sessions.remove(session_id);
            }
            self.order.pop_front();
        }
        while let Some((session_id, generation, bytes)) = self.kept.front() {
            let entry = self.sessions.get_mut(session_id);
            let latest =
                entry.and_then(|entry| entry.latest.as_mut().map(|latest| (latest.generation, latest.at)));
            let is_latest = latest.is_some_and(|(latest, at)| {
                latest == *generation && now.saturating_duration_since(at) <= KEEP_TOKENS
            });
            if is_latest && self.kept_bytes <= MAX_TOKEN_BYTES {
                break;
            }
            if latest.is_some_and(|(latest, _)| latest == *generation)
                && let Some(entry) = self.sessions.get_mut(session_id)
            {
                entry.latest = None;
            }
            self.kept_bytes = self.kept_bytes.saturating_sub(*bytes);
            self.kept.pop_front();
        }
    }
}
