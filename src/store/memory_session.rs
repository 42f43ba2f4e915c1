//! A session in the memory of a process, with the lease on it.

use std::time::{Duration, Instant};

use super::expiring_map::later;
use super::keys::LeaseOwner;
use super::stored_session::{StoredSession, Turn};

/// What a [`MemoryStore`](super::MemoryStore) holds of a session, but for its end.
pub(super) struct MemorySession {
    value: Vec<u8>,
    generation: u64,
    seen_at: Instant,
    lease: Option<Lease>,
    rests_until: Option<Instant>,
    failures: u32,
}

/// It stays when it has run out, until somebody gives it back or takes it over.
struct Lease {
    owner: LeaseOwner,
    until: Instant,
    taken_over: bool,
}

impl MemorySession {
    pub(super) fn new(value: &[u8], now: Instant) -> Self {
        let value = value.to_vec();
        MemorySession { value, generation: 1, seen_at: now, lease: None, rests_until: None, failures: 0 }
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    pub(super) fn unseen_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.seen_at)
    }

    pub(super) fn stored(&self, ends_in: Duration, now: Instant) -> StoredSession {
        StoredSession {
            value: self.value.clone(),
            generation: self.generation,
            unseen_for: self.unseen_for(now),
            ends_in,
        }
    }

    /// The answer to who knows the generation.
    pub(super) fn turn(&mut self, owner: &LeaseOwner, lease: Duration, now: Instant) -> Turn {
        if let Some(rest) = self.rests_until.and_then(|until| left(until, now)) {
            return Turn::Rests(rest);
        }
        let taken_over = match &self.lease {
            None => false,
            Some(own) if own.owner == *owner => own.taken_over,
            Some(other) => match left(other.until, now) {
                Some(held) => return Turn::Held(held),
                None => true,
            },
        };
        self.lease = Some(Lease { owner: *owner, until: later(now, lease), taken_over });
        Turn::Yours { taken_over, failures: self.failures }
    }

    pub(super) fn keep(&mut self, owner: &LeaseOwner, lease: Duration, now: Instant) -> bool {
        let own = self.lease.as_mut().filter(|own| own.owner == *owner && left(own.until, now).is_some());
        own.map(|own| own.until = later(now, lease)).is_some()
    }

    pub(super) fn give_back(&mut self, owner: &LeaseOwner, rest: Duration, now: Instant) {
        if self.lease.take_if(|own| own.owner == *owner).is_some() {
            self.failures = self.failures.saturating_add(1);
            self.rests_until = Some(later(now, rest));
        }
    }

    pub(super) fn replace(&mut self, value: &[u8], now: Instant) {
        let generation = self.generation.saturating_add(1);
        *self = MemorySession { generation, ..MemorySession::new(value, now) };
    }

    pub(super) fn touch(&mut self, now: Instant) {
        self.seen_at = now;
    }
}

/// How long it is until then, if it is not over.
fn left(until: Instant, now: Instant) -> Option<Duration> {
    until.checked_duration_since(now).filter(|left| !left.is_zero())
}
