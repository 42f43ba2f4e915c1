//! What anybody may cause again and again is reported once a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::UnixSeconds;

const REPEATED_AFTER_SECONDS: u64 = 60;

/// When each text was last reported.
pub(super) struct Throttle(Mutex<BTreeMap<&'static str, UnixSeconds>>);

impl Throttle {
    pub(super) const fn new() -> Self {
        Throttle(Mutex::new(BTreeMap::new()))
    }

    /// Whether `text` may be reported at the time `now`; a clock set back does not silence it.
    pub(super) fn allows(&self, text: &'static str, now: UnixSeconds) -> bool {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |last: &UnixSeconds| (*last..last.plus(REPEATED_AFTER_SECONDS)).contains(&now);
        let allows = !reported.get(text).is_some_and(recent);
        if allows {
            reported.insert(text, now);
        }
        allows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K9.
    #[test]
    fn a_text_is_told_once_a_minute_and_silences_no_other() {
        let told = Throttle::new();
        let allows = |text, now| told.allows(text, UnixSeconds(now));
        assert!(allows("one", 1_000));
        assert!((1_000..1_060).all(|now| !allows("one", now)));
        assert!(allows("other", 1_030));
        assert!(allows("one", 1_060) && !allows("one", 1_060));
        assert!(allows("one", 500), "the clock was set back");
        assert!(!allows("one", 559) && allows("one", 560));
        assert!(allows("late", u64::MAX) && allows("late", 0));
    }
}
