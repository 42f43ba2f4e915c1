//! A map whose entries end, each at its own time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// An end that is further away is as good as this one: the clock can tell no time without bounds.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// A map in which an entry is as good as absent from its end on, whenever its memory is freed.
///
/// The time is an argument, by the monotonic clock. Each operation takes logarithmic time for each entry that it is about.
pub(super) struct ExpiringMap<K, V> {
    entries: BTreeMap<K, Expiring<V>>,
    /// The entries in the order of their ends.
    ends: BTreeSet<(Instant, K)>,
    capacity: usize,
}

struct Expiring<V> {
    value: V,
    ends_at: Instant,
}

impl<K: Copy + Ord, V> ExpiringMap<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        ExpiringMap { entries: BTreeMap::new(), ends: BTreeSet::new(), capacity }
    }

    pub(super) fn get(&self, key: &K, now: Instant) -> Option<&V> {
        self.entries.get(key).filter(|entry| entry.ends_at > now).map(|entry| &entry.value)
    }

    pub(super) fn get_mut(&mut self, key: &K, now: Instant) -> Option<&mut V> {
        self.entries.get_mut(key).filter(|entry| entry.ends_at > now).map(|entry| &mut entry.value)
    }

    /// How long it is until the entry ends.
    pub(super) fn ends_in(&self, key: &K, now: Instant) -> Duration {
        self.entries.get(key).map_or(Duration::ZERO, |entry| entry.ends_at.saturating_duration_since(now))
    }

    /// The keys in a range, but for those whose entries are over.
    pub(super) fn keys(&self, range: RangeInclusive<K>, now: Instant) -> Vec<K> {
        self.entries.range(range).filter(|(_, entry)| entry.ends_at > now).map(|(key, _)| *key).collect()
    }

    /// Puts a value in the place of the present one, if there is one.
    pub(super) fn insert(&mut self, key: K, value: V, life: Duration, now: Instant) {
        self.remove(&key, now);
        let ends_at = later(now, life);
        self.entries.insert(key, Expiring { value, ends_at });
        self.ends.insert((ends_at, key));
    }

    /// Lets an entry end after `life`, if it is there.
    pub(super) fn set_life(&mut self, key: &K, life: Duration, now: Instant) {
        if let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.ends_at > now) {
            self.ends.remove(&(entry.ends_at, *key));
            entry.ends_at = later(now, life);
            self.ends.insert((entry.ends_at, *key));
        }
    }

    /// Removes an entry, and returns its value unless it is over.
    pub(super) fn remove(&mut self, key: &K, now: Instant) -> Option<V> {
        let entry = self.entries.remove(key)?;
        self.ends.remove(&(entry.ends_at, *key));
        (entry.ends_at > now).then_some(entry.value)
    }

    /// Frees the memory of entries that are over, of so many at most.
    pub(super) fn sweep(&mut self, at_most: usize, now: Instant) {
        for _ in 0..at_most {
            match self.ends.first() {
                Some((ends_at, key)) if *ends_at <= now => {
                    self.entries.remove(key);
                    self.ends.pop_first();
                }
                _ => break,
            }
        }
    }

    /// Whether there is room for one more entry, once what is over has been dropped.
    pub(super) fn has_room(&mut self, now: Instant) -> bool {
        let too_many = (self.entries.len() + 1).saturating_sub(self.capacity);
        self.sweep(too_many, now);
        self.entries.len() < self.capacity
    }
}

/// A time so much later.
pub(super) fn later(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration.min(LONGEST)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Through a store nobody sees what its maps hold.
    #[test]
    fn what_is_over_is_absent_at_once_and_its_memory_is_freed_in_time() {
        let (now, mut map) = (Instant::now(), ExpiringMap::new(10));
        (0..10).for_each(|key| map.insert(key, "value", SECOND * (key + 1), now));
        map.set_life(&0, SECOND * 60, now);
        assert_eq!(map.remove(&9, now), Some("value"));
        let later = now + SECOND * 5;
        assert_eq!((map.get(&4, later), map.get(&5, later)), (None, Some(&"value")));
        assert_eq!(map.keys(0..=9, later), [0, 5, 6, 7, 8]);

        let held = |map: &ExpiringMap<_, _>| (map.entries.len(), map.ends.len());
        assert_eq!(held(&map), (9, 9));
        map.sweep(3, later);
        assert_eq!(held(&map), (6, 6));
        map.sweep(3, later);
        assert_eq!(held(&map), (5, 5), "only what is over");
    }

    #[test]
    fn a_full_map_has_room_where_something_is_over_and_nowhere_else() {
        let (now, mut map) = (Instant::now(), ExpiringMap::new(2));
        map.insert(1, (), SECOND, now);
        assert!(map.has_room(now));
        map.insert(2, (), SECOND * 2, now);
        assert!(!map.has_room(now));
        assert!(map.has_room(now + SECOND));
        assert_eq!((map.entries.len(), map.get(&2, now + SECOND)), (1, Some(&())));
    }

    #[test]
    fn an_end_that_no_clock_can_tell_is_a_century_away() {
        let (now, mut map) = (Instant::now(), ExpiringMap::new(1));
        map.insert(1, (), Duration::MAX, now);
        assert_eq!(map.ends_in(&1, now), LONGEST);
    }
}
