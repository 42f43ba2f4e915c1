//! What came of something the last time, and when.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::label::Label;

/// The values of a label that fit into a note.
const VALUES: u64 = 4;

/// What came of something the last time, and when: one number, which costs a note no lock.
pub(crate) struct Last<L> {
    /// Milliseconds and the value's place; 0 where nothing was noted.
    noted: AtomicU64,
    label: PhantomData<fn() -> L>,
}

impl<L: Label> Last<L> {
    /// Notes this, at a time since the beginning.
    pub(super) fn note(&self, what: L, at: Duration) {
        const { assert!(L::ALL.len() < VALUES as usize) };
        let milliseconds = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let place = what.index() as u64 + 1;
        self.noted.store(milliseconds.saturating_mul(VALUES).saturating_add(place), Ordering::Relaxed);
    }

    /// What was noted last, with the time since the beginning; `None` where nothing was.
    pub(super) fn get(&self) -> Option<(L, Duration)> {
        let noted = self.noted.load(Ordering::Relaxed);
        let place = usize::try_from(noted % VALUES).ok()?.checked_sub(1)?;
        Some((L::ALL.get(place).copied()?, Duration::from_millis(noted / VALUES)))
    }
}

impl<L> Default for Last<L> {
    fn default() -> Self {
        Last { noted: AtomicU64::new(0), label: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::super::label::CallResult;
    use super::*;

    #[test]
    fn the_last_note_stands_with_its_time() {
        let last = Last::default();
        assert_eq!(last.get(), None);
        for (place, result) in CallResult::ALL.iter().enumerate() {
            let at = Duration::from_millis(place as u64 * 1_234);
            last.note(*result, at);
            assert_eq!(last.get(), Some((*result, at)));
        }
    }
}
