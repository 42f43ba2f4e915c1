//! A map whose entries are evicted in the order of their last use, by age, number and weight.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::{Duration, Instant};

/// Entries in use that one eviction passes over at most, so that it ends soon.
const MAX_SPARED: usize = 128;

/// A map that [evicts](Self::evict) what was used longest ago. Reading an entry does not mark it as used.
///
/// The time is an argument, by the monotonic clock: the wall clock may be set back.
pub(crate) struct BoundedMap<K, V> {
    entries: HashMap<K, Entry<V>>,
    /// By place: the entry that was used longest ago comes first.
    order: BTreeMap<u64, K>,
    next_place: u64,
    weight: usize,
    capacity: usize,
    max_weight: usize,
    max_age: Duration,
}

struct Entry<V> {
    value: V,
    weight: usize,
    place: u64,
    used_at: Instant,
}

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    /// Holds at most `capacity` entries, none for longer than `max_age` after its last use.
    pub(crate) fn new(capacity: usize, max_age: Duration) -> Self {
        BoundedMap {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            next_place: 0,
            weight: 0,
            capacity,
            max_weight: usize::MAX,
            max_age,
        }
    }

    /// Bounds what all entries weigh together.
    pub(crate) fn with_max_weight(self, max_weight: usize) -> Self {
        BoundedMap { max_weight, ..self }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// Puts a value of no weight in the place of the present one, if there is one. It was used `now`.
    pub(crate) fn insert(&mut self, key: K, value: V, now: Instant) {
        self.insert_weighing(key, value, 0, now);
    }

    /// Puts a value in the place of the present one, if there is one. It was used `now`.
    pub(crate) fn insert_weighing(&mut self, key: K, value: V, weight: usize, now: Instant) {
        self.remove(&key);
        self.place_last(key, now, || value).weight = weight;
        self.weight = self.weight.saturating_add(weight);
    }

    /// The value of `key`, used `now`; a `new` one where there is none.
    pub(crate) fn mark_used(&mut self, key: K, now: Instant, new: impl FnOnce() -> V) -> &mut V {
        &mut self.place_last(key, now, new).value
    }

    /// The value of `key`, used `now`, if there is one.
    pub(crate) fn use_present<Q>(&mut self, key: &Q, now: Instant) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entry = self.entries.get_mut(key)?;
        let key = self.order.remove(&entry.place)?;
        (entry.place, entry.used_at) = (self.next_place, now);
        self.next_place += 1;
        self.order.insert(entry.place, key);
        Some(&mut entry.value)
    }

    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entry = self.entries.remove(key)?;
        self.order.remove(&entry.place);
        self.weight = self.weight.saturating_sub(entry.weight);
        Some(entry.value)
    }

    /// Removes the values of which this is false.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&V) -> bool) {
        self.entries.retain(|_, entry| {
            let is_kept = is_kept(&entry.value);
            if !is_kept {
                self.order.remove(&entry.place);
                self.weight = self.weight.saturating_sub(entry.weight);
            }
            is_kept
        });
    }

    /// Removes and returns what is too old, and of the rest what was used longest ago, until there is room for one more
    /// entry and all weigh no more than they may. What `is_in_use` is passed over, and counts as the last in order; but
    /// bounds win where too much is.
    pub(crate) fn evict(&mut self, now: Instant, is_in_use: impl Fn(&K, &V) -> bool) -> Vec<(K, V)> {
        let (mut evicted, mut spared) = (Vec::new(), 0);
        while let Some(oldest) = self.order.first_entry() {
            let is_full = self.entries.len() >= self.capacity || self.weight > self.max_weight;
            let Some(entry) = self.entries.get_mut(oldest.get()) else {
                oldest.remove();
                continue;
            };
            if !is_full && now.saturating_duration_since(entry.used_at) <= self.max_age {
                break;
            }
            let key = oldest.remove();
            if spared < MAX_SPARED && is_in_use(&key, &entry.value) {
                spared += 1;
                entry.place = self.next_place;
                self.next_place += 1;
                self.order.insert(entry.place, key);
            } else if let Some(value) = self.remove(&key) {
                evicted.push((key, value));
            }
        }
        evicted
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn place_last(&mut self, key: K, now: Instant, new: impl FnOnce() -> V) -> &mut Entry<V> {
        let place = self.next_place;
        self.next_place += 1;
        let new = || Entry { value: new(), weight: 0, place, used_at: now };
        let entry = self.entries.entry(key.clone()).or_insert_with(new);
        self.order.remove(&entry.place);
        self.order.insert(place, key);
        (entry.place, entry.used_at) = (place, now);
        entry
    }
}

#[cfg(test)]
impl<K, V> BoundedMap<K, V> {
    /// How many entries there are, and what they weigh.
    pub(crate) fn len_and_weight(&self) -> (usize, usize) {
        (self.entries.len(), self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// With one entry a second, from "a" on.
    fn map(capacity: usize, names: &str) -> (BoundedMap<char, bool>, Instant) {
        let (mut map, mut now) = (BoundedMap::new(capacity, 60 * SECOND), Instant::now());
        for name in names.chars() {
            map.insert(name, false, now);
            now += SECOND;
        }
        (map, now)
    }

    fn evict(map: &mut BoundedMap<char, bool>, now: Instant) -> String {
        map.evict(now, |_, is_in_use| *is_in_use).into_iter().map(|(name, _)| name).collect()
    }

    /// What is counted is there, and in order.
    fn assert_sound<K: Eq + Hash, V>(map: &BoundedMap<K, V>) {
        assert_eq!(map.order.len(), map.entries.len());
        assert!(map.order.iter().all(|(place, key)| map.entries[key].place == *place));
        assert_eq!(map.entries.values().map(|entry| entry.weight).sum::<usize>(), map.weight);
    }

    #[test]
    fn what_was_used_longest_ago_makes_room_for_one_more() {
        let (mut map, now) = map(3, "abc");
        assert_eq!(evict(&mut map, now), "a");
        assert_eq!(evict(&mut map, now), "", "there is room");
        map.mark_used('b', now, || panic!("it is there"));
        map.mark_used('d', now, || true);
        assert_eq!((map.get(&'d'), map.len_and_weight()), (Some(&true), (3, 0)));
        assert_eq!(evict(&mut map, now), "c");
        map.insert('b', false, now);
        assert_eq!(map.len_and_weight().0, 2, "in place of the other");
        assert_eq!(map.use_present(&'d', now), Some(&mut true));
        assert_eq!(map.use_present(&'e', now), None);
        map.insert('f', false, now);
        assert_eq!(evict(&mut map, now), "b", "the other has just been used");
        assert_sound(&map);
    }

    #[test]
    fn what_is_too_old_goes_and_reading_keeps_nothing_young() {
        let (mut map, now) = map(9, "abc");
        assert!(map.get(&'a').is_some());
        assert_eq!(evict(&mut map, now + 57 * SECOND), "", "just a minute old");
        assert_eq!(evict(&mut map, now + 58 * SECOND), "a");
        map.mark_used('b', now, || true);
        assert_eq!(evict(&mut map, now + 60 * SECOND), "c");
        assert_eq!(evict(&mut map, now + 61 * SECOND), "b");
        assert!(map.is_empty());
        assert_eq!(evict(&mut map, now), "", "time that goes back evicts nothing");
    }

    #[test]
    fn what_is_in_use_is_spared_while_it_is_not_too_much() {
        let (mut map, now) = map(3, "abc");
        for name in ['a', 'b', 'c'] {
            *map.mark_used(name, now, || panic!("it is there")) = name != 'c';
        }
        assert_eq!(evict(&mut map, now), "c");
        map.insert('d', false, now);
        assert_eq!(evict(&mut map, now), "d", "the spared came first");
        assert_sound(&map);
        let mut crowd = BoundedMap::new(3 * MAX_SPARED, SECOND);
        (0..3 * MAX_SPARED).for_each(|number| crowd.insert(number, (), now));
        assert_eq!(crowd.evict(now, |_, ()| true), [(MAX_SPARED, ())], "bounds win");
        assert_eq!(crowd.evict(now + 2 * SECOND, |_, ()| true).len(), 3 * MAX_SPARED - 1, "age wins too");
    }

    #[test]
    fn weight_is_bounded_and_counted_once() {
        let now = Instant::now();
        let mut map = BoundedMap::new(usize::MAX, SECOND).with_max_weight(10);
        for (name, weight) in [("a", 4), ("b", 4), ("a", 6)] {
            map.insert_weighing(name, weight, weight, now);
        }
        assert_eq!(map.len_and_weight(), (2, 10));
        assert_sound(&map);
        assert!(map.evict(now, |_, _| false).is_empty(), "no more than it may be");
        map.insert_weighing("c", 5, 5, now);
        assert_eq!(map.evict(now, |_, _| false), [("b", 4), ("a", 6)]);
        assert_eq!((map.remove("c"), map.len_and_weight()), (Some(5), (0, 0)));
        map.insert_weighing("d", 11, 11, now);
        assert_eq!(map.evict(now, |_, _| false), [("d", 11)], "too much by itself");
    }

    #[test]
    fn what_is_not_retained_leaves_nothing_behind() {
        let now = Instant::now();
        let mut map = BoundedMap::new(4, SECOND).with_max_weight(100);
        (0..4).for_each(|number| map.insert_weighing(number, number, number, now));
        map.retain(|number| number % 2 == 1);
        assert_eq!(map.len_and_weight(), (2, 4));
        assert_sound(&map);
        assert_eq!(map.evict(now + 2 * SECOND, |_, _| false), [(1, 1), (3, 3)]);
    }
}
