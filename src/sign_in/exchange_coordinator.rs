//! Each login attempt's code is exchanged once, however often its callback is delivered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::attempt::MAX_AGE;
use super::exchange::{Exchanged, SignInResult};
use super::state_hash::StateHash;
use crate::sync::{BoundedMap, Follower, Leader, single_flight};

/// Attempts remembered at most; beyond it the oldest is forgotten, and Cognito refuses its code itself.
const CAPACITY: usize = 10_000;
/// Results kept at most, since they hold tokens; further deliveries of an older one are refused.
const MAX_RESULTS: usize = 1_000;
/// How long the first delivery's result is kept for the others: longer than an exchange takes.
const KEEP_RESULT: Duration = Duration::from_secs(30);
/// How long an attempt is remembered: longer than its cookie is valid.
const KEEP_END: Duration = Duration::from_secs(MAX_AGE + 60);

/// The attempts whose callback has been delivered, with the result while it may still be asked for.
pub(crate) struct ExchangeCoordinator {
    entries: Mutex<Entries>,
    filled: Notify,
}

struct Entries {
    /// Every attempt that was delivered or has ended.
    attempts: BoundedMap<StateHash, ()>,
    /// Those of them whose result may still be asked for.
    results: BoundedMap<StateHash, FirstDelivery>,
}

/// The first delivery of an attempt's callback.
struct FirstDelivery {
    /// SHA-256 of the code.
    digest: [u8; 32],
    result: Follower<Arc<Exchanged>>,
}

/// What a delivery of a callback is to do.
pub(crate) enum Delivery {
    /// The first: it exchanges the code.
    Leader(Leader<Arc<Exchanged>>),
    /// Another with the same code: it waits for the first one's result.
    Follower(Follower<Arc<Exchanged>>),
    /// It brings another code than the first, whose result is still kept.
    OtherCode,
    /// The attempt has ended, or its result is not kept any more.
    TooLate,
}

impl ExchangeCoordinator {
    pub(crate) fn new() -> Self {
        let entries = Entries {
            attempts: BoundedMap::new(CAPACITY, KEEP_END),
            results: BoundedMap::new(MAX_RESULTS, KEEP_RESULT),
        };
        ExchangeCoordinator { entries: Mutex::new(entries), filled: Notify::new() }
    }

    /// Registers a delivery of the attempt's callback, and returns what it is to do.
    pub(crate) fn deliver(&self, attempt: StateHash, code: &str, now: Instant) -> Delivery {
        let mut entries = self.lock();
        entries.evict(now);
        let digest = Sha256::digest(code.as_bytes()).into();
        match entries.results.get(&attempt) {
            Some(first) if first.digest == digest => Delivery::Follower(first.result.clone()),
            Some(_) => Delivery::OtherCode,
            None if entries.attempts.get(&attempt).is_some() => Delivery::TooLate,
            None => {
                let (leader, result) = single_flight();
                entries.attempts.insert(attempt, (), now);
                entries.results.insert(attempt, FirstDelivery { digest, result }, now);
                self.filled.notify_one();
                Delivery::Leader(leader)
            }
        }
    }

    /// Ends the attempt: no exchange begins any more, and whoever comes to one that has begun gets nothing.
    pub(crate) fn end(&self, attempt: StateHash, now: Instant) {
        let mut entries = self.lock();
        entries.evict(now);
        entries.results.remove(&attempt);
        if entries.attempts.get(&attempt).is_none() {
            entries.attempts.insert(attempt, (), now);
        }
    }

    /// Forgets the attempt's delivery: its code was not sent, and may be brought once more.
    pub(crate) fn forget(&self, attempt: StateHash) {
        let mut entries = self.lock();
        entries.attempts.remove(&attempt);
        entries.results.remove(&attempt);
    }

    /// Ends the attempt if its callback has been delivered.
    pub(crate) fn end_delivered(&self, attempt: StateHash) {
        self.lock().results.remove(&attempt);
    }

    /// Drops the results that nobody is to get any more, such as a session that has been signed out.
    pub(crate) fn withdraw(&self, is_withdrawn: impl Fn(&SignInResult) -> bool) {
        self.lock()
            .results
            .retain(|first| !first.result.has_result(|exchanged| is_withdrawn(&exchanged.result)));
    }

    /// Drops results that nobody may ask for any more: they hold tokens. It returns whether there are others, which
    /// [`filled`](Self::filled) has announced.
    pub(crate) fn sweep(&self, now: Instant) -> bool {
        let mut entries = self.lock();
        entries.evict(now);
        !entries.results.is_empty()
    }

    /// Returns when there may be results that no sweep has seen.
    pub(crate) async fn filled(&self) {
        self.filled.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn evict(&mut self, now: Instant) {
        self.attempts.evict(now, |_, ()| false);
        self.results.evict(now, |_, _| false);
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal::SignInRefusal;
    use super::*;

    fn state(text: &str) -> StateHash {
        StateHash::of(text)
    }

    #[test]
    fn one_delivery_is_first_twins_wait_and_late_ones_are_over() {
        let (exchanges, start) = (ExchangeCoordinator::new(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(matches!(exchanges.deliver(state("a"), "code", at(0)), Delivery::Leader(_)));
        assert!(matches!(exchanges.deliver(state("a"), "code", at(30)), Delivery::Follower(_)));
        assert!(matches!(exchanges.deliver(state("a"), "code", at(31)), Delivery::TooLate));
        assert!(matches!(exchanges.deliver(state("b"), "code", at(31)), Delivery::Leader(_)));
        assert!(matches!(exchanges.deliver(state("a"), "code", at(660)), Delivery::TooLate));
        assert!(matches!(exchanges.deliver(state("a"), "code", at(661)), Delivery::Leader(_)));
    }

    #[test]
    fn a_delivery_with_another_code_is_no_twin() {
        let (exchanges, now) = (ExchangeCoordinator::new(), Instant::now());
        assert!(matches!(exchanges.deliver(state("a"), "code", now), Delivery::Leader(_)));
        assert!(matches!(exchanges.deliver(state("a"), "other", now), Delivery::OtherCode));
        exchanges.end(state("a"), now);
        assert!(matches!(exchanges.deliver(state("a"), "other", now), Delivery::TooLate));
    }

    #[test]
    fn an_attempt_that_ended_without_a_code_is_over() {
        let (exchanges, now) = (ExchangeCoordinator::new(), Instant::now());
        exchanges.end(state("a"), now);
        assert!(matches!(exchanges.deliver(state("a"), "code", now), Delivery::TooLate));
        assert!(matches!(exchanges.deliver(state("b"), "code", now), Delivery::Leader(_)));
        exchanges.end(state("b"), now);
        assert!(
            matches!(exchanges.deliver(state("b"), "code", now), Delivery::TooLate),
            "of a delivered one too"
        );

        exchanges.end_delivered(state("c"));
        assert!(
            matches!(exchanges.deliver(state("c"), "code", now), Delivery::Leader(_)),
            "it was not delivered"
        );
        exchanges.end_delivered(state("c"));
        assert!(matches!(exchanges.deliver(state("c"), "code", now), Delivery::TooLate));
    }

    #[test]
    fn a_result_is_dropped_when_its_time_is_over_or_it_is_withdrawn() {
        let (exchanges, start) = (ExchangeCoordinator::new(), Instant::now());
        let deliver = |attempt, refusal| {
            let Delivery::Leader(leader) = exchanges.deliver(state(attempt), "code", start) else {
                panic!("the first")
            };
            let result = Arc::new(Exchanged::new(Err(refusal)));
            leader.finish(Arc::clone(&result));
            result
        };
        let one = deliver("one", SignInRefusal::Busy);
        let other = deliver("other", SignInRefusal::CodeRefused);
        exchanges.withdraw(|result| matches!(result, Err(SignInRefusal::Busy)));
        assert_eq!((Arc::strong_count(&one), Arc::strong_count(&other)), (1, 2));
        assert!(matches!(exchanges.deliver(state("one"), "code", start), Delivery::TooLate));
        exchanges.sweep(start + KEEP_RESULT);
        assert_eq!(Arc::strong_count(&other), 2);
        exchanges.sweep(start + KEEP_RESULT + Duration::from_secs(1));
        assert_eq!(Arc::strong_count(&other), 1);
    }

    /// O5.
    #[test]
    fn a_million_attempts_take_the_memory_of_ten_thousand() {
        let (exchanges, start) = (ExchangeCoordinator::new(), Instant::now());
        for number in 0..1_000_000 {
            let now = start + Duration::from_millis(number);
            exchanges.deliver(state(&number.to_string()), "code", now);
        }
        let entries = exchanges.lock();
        assert_eq!(entries.attempts.len_and_weight().0, CAPACITY);
        assert_eq!(entries.results.len_and_weight().0, MAX_RESULTS);
    }
}
