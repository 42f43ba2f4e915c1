//! What anybody may cause again and again is reported once a minute.

use std::collections::BTreeMap;
#[cfg(feature = "testing")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::clock::UnixSeconds;

const REPEATED_AFTER_SECONDS: u64 = 60;

/// Which of several causes of the same event; there are only as many as the sources have texts.
pub(super) type Cause = [&'static str; 2];

/// When each event was last reported, by its cause.
pub(super) struct Throttle<E> {
    reported: Mutex<BTreeMap<(E, Cause), UnixSeconds>>,
    #[cfg(feature = "testing")]
    is_lifted: AtomicBool,
}

impl<E: Ord> Throttle<E> {
    pub(super) const fn new() -> Self {
        Throttle {
            reported: Mutex::new(BTreeMap::new()),
            #[cfg(feature = "testing")]
            is_lifted: AtomicBool::new(false),
        }
    }

    /// Allows everything from now on.
    #[cfg(feature = "testing")]
    pub(super) fn lift(&self) {
        self.is_lifted.store(true, Ordering::Relaxed);
    }

    /// Whether an event may be reported at the time `now`; a clock set back does not silence it.
    pub(super) fn allows(&self, event: E, cause: Cause, now: UnixSeconds) -> bool {
        #[cfg(feature = "testing")]
        if self.is_lifted.load(Ordering::Relaxed) {
            return true;
        }
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |last: &UnixSeconds| (*last..last.plus(REPEATED_AFTER_SECONDS)).contains(&now);
        let key = (event, cause);
        let allows = !reported.get(&key).is_some_and(recent);
        if allows {
            reported.insert(key, now);
        }
        allows
    }

    /// Forgets that an event was reported: the next one is news.
    #[cfg(feature = "redis")]
    pub(super) fn forget(&self, event: E, cause: Cause) {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner).remove(&(event, cause));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that was lost, came back, and is lost again within the minute.
    #[cfg(feature = "redis")]
    #[test]
    fn what_is_forgotten_is_reported_again_within_the_minute() {
        let throttle = Throttle::new();
        let allows = |now| throttle.allows("lost", ["", ""], UnixSeconds(now));
        assert!(allows(1_000) && !allows(1_010));
        throttle.forget("lost", ["", ""]);
        assert!(allows(1_020) && !allows(1_030));
    }

    /// K9.
    #[test]
    fn an_event_is_reported_once_a_minute_and_silences_no_other() {
        let throttle = Throttle::new();
        let allows = |event, now| throttle.allows(event, ["a", "cause"], UnixSeconds(now));
        assert!(allows("one", 1_000));
        assert!((1_000..1_060).all(|now| !allows("one", now)));
        assert!(allows("other", 1_030));
        assert!(throttle.allows("one", ["another", "cause"], UnixSeconds(1_030)));
        assert!(allows("one", 1_060) && !allows("one", 1_060));
        assert!(allows("one", 500), "the clock was set back");
        assert!(!allows("one", 559) && allows("one", 560));
        assert!(allows("late", u64::MAX) && allows("late", 0));
    }
}
