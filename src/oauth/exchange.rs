//! Each login attempt's code is exchanged once, however often its callback is delivered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::attempt::{MAX_AGE, StateHash};

/// Attempts remembered at most; beyond it the oldest is forgotten, and Cognito refuses its code itself.
const CAPACITY: usize = 10_000;
/// How long the first delivery's result is kept for its twins, in seconds: longer than an exchange takes.
pub(crate) const KEEP_RESULT: u64 = 30;

/// The attempts whose callback has been delivered, with the result while it may still be asked for.
pub(crate) struct Exchanges<T> {
    entries: Mutex<Entries<T>>,
}

struct Entries<T> {
    results: HashMap<StateHash, Option<watch::Receiver<Option<Arc<T>>>>>,
    order: VecDeque<(StateHash, u64)>,
    /// How many of the oldest in `order` have had their result dropped.
    without_result: usize,
}

/// What a delivery is to do.
pub(crate) enum Turn<T> {
    /// The first: exchange the code, then send the result.
    First(watch::Sender<Option<Arc<T>>>),
    /// A twin: wait for the first one's result.
    Twin(watch::Receiver<Option<Arc<T>>>),
    /// Too late: this attempt is over.
    Over,
}

impl<T> Exchanges<T> {
    pub(crate) fn new() -> Self {
        let entries = Entries { results: HashMap::new(), order: VecDeque::new(), without_result: 0 };
        Exchanges { entries: Mutex::new(entries) }
    }

    /// Takes a turn for the attempt.
    pub(crate) fn turn(&self, attempt: StateHash, now: u64) -> Turn<T> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.forget_old(now);
        match entries.results.get(&attempt) {
            Some(Some(result)) => Turn::Twin(result.clone()),
            Some(None) => Turn::Over,
            None => {
                let (sender, result) = watch::channel(None);
                entries.results.insert(attempt, Some(result));
                entries.order.push_back((attempt, now));
                Turn::First(sender)
            }
        }
    }
}

impl<T> Exchanges<T> {
    /// Drops results that nobody may ask for any more; taking a turn does so too.
    pub(crate) fn forget_old(&self, now: u64) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).forget_old(now);
    }
}

impl<T> Entries<T> {
    fn forget_old(&mut self, now: u64) {
        while let Some((attempt, since)) = self.order.front().copied() {
            let too_old = now.saturating_sub(since) > MAX_AGE;
            if !too_old && self.order.len() < CAPACITY {
                break;
            }
            self.order.pop_front();
            self.results.remove(&attempt);
            self.without_result = self.without_result.saturating_sub(1);
        }
        while let Some((attempt, since)) = self.order.get(self.without_result).copied() {
            if now.saturating_sub(since) <= KEEP_RESULT {
                break;
            }
            self.results.insert(attempt, None);
            self.without_result += 1;
        }
    }
}

/// The first delivery's result; `None` when it was lost.
pub(crate) async fn result_of<T>(mut waiting: watch::Receiver<Option<Arc<T>>>) -> Option<Arc<T>> {
    waiting.wait_for(Option::is_some).await.ok().and_then(|result| result.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_delivery_is_first_twins_wait_and_late_ones_are_over() {
        let exchanges = Exchanges::<u8>::new();
        let attempt = StateHash::of("state");
        assert!(matches!(exchanges.turn(attempt, 1_000), Turn::First(_)));
        assert!(matches!(exchanges.turn(attempt, 1_030), Turn::Twin(_)));
        assert!(matches!(exchanges.turn(attempt, 1_031), Turn::Over));
        assert!(matches!(exchanges.turn(StateHash::of("other"), 1_031), Turn::First(_)));
        assert!(matches!(exchanges.turn(attempt, 1_600), Turn::Over));
    }

    #[test]
    fn a_result_is_dropped_when_its_time_is_over() {
        let exchanges = Exchanges::new();
        let Turn::First(sender) = exchanges.turn(StateHash::of("state"), 1_000) else {
            panic!("it is first")
        };
        let tokens = Arc::new("tokens");
        sender.send_replace(Some(Arc::clone(&tokens)));
        drop(sender);
        exchanges.forget_old(1_030);
        assert_eq!(Arc::strong_count(&tokens), 2);
        exchanges.forget_old(1_031);
        assert_eq!(Arc::strong_count(&tokens), 1);
    }

    #[test]
    fn memory_is_bounded() {
        let exchanges = Exchanges::<u8>::new();
        for number in 0..CAPACITY + 100 {
            exchanges.turn(StateHash::of(&number.to_string()), 1_000 + number as u64 / 1_000);
        }
        let entries = exchanges.entries.lock().unwrap();
        assert_eq!((entries.results.len(), entries.order.len()), (CAPACITY, CAPACITY));
    }
}
