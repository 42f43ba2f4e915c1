//! What anybody may cause again and again is reported once a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

const REPEATED_AFTER_SECONDS: u64 = 60;

/// When each text was last reported.
pub(super) struct Throttle(Mutex<BTreeMap<&'static str, u64>>);

impl Throttle {
    pub(super) const fn new() -> Self {
        Throttle(Mutex::new(BTreeMap::new()))
    }

    /// Whether `text` may be reported at the time `now`, in seconds; a clock set back does not silence it.
    pub(super) fn allows(&self, text: &'static str, now: u64) -> bool {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |last: &u64| (*last..last.saturating_add(REPEATED_AFTER_SECONDS)).contains(&now);
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
        assert!(told.allows("one", 1_000));
        assert!((1_000..1_060).all(|now| !told.allows("one", now)));
        assert!(told.allows("other", 1_030));
        assert!(told.allows("one", 1_060) && !told.allows("one", 1_060));
        assert!(told.allows("one", 500), "the clock was set back");
        assert!(!told.allows("one", 559) && told.allows("one", 560));
        assert!(told.allows("late", u64::MAX) && told.allows("late", 0));
    }
}
