//! A bounded map whose entries expire.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::changes::Changes;
use super::moment::Moment;
use crate::clock::UnixMilliseconds;

/// Codes, sessions, refresh tokens and revoked sign-ins: values under secret names, for a fixed time. When full, the
/// entry that would expire first makes room.
///
/// No `BoundedMap`: an entry's expiry may be brought forward, and what has expired is kept while there is room, so that
/// a name that is used once more is recognised.
pub(crate) struct ExpiringMap<V> {
    // By digest, so that the time of a look-up tells nothing about the names.
    entries: Mutex<HashMap<[u8; 32], Entry<V>>>,
    lifetime: Duration,
    capacity: usize,
    changes: Changes,
}

/// An entry in a state file, where its name is a digest too.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedEntry<V> {
    digest: String,
    expires: UnixMilliseconds,
    ends: UnixMilliseconds,
    value: V,
}

struct Entry<V> {
    /// From when on the value is not given any more.
    expires: Instant,
    /// The end of its life, which one that takes its place inherits.
    ends: Instant,
    value: V,
}

impl<V: Clone> ExpiringMap<V> {
    pub(crate) fn new(lifetime: Duration, capacity: usize) -> Self {
        ExpiringMap { entries: Mutex::new(HashMap::new()), lifetime, capacity, changes: Changes::default() }
    }

    /// Notes its changes there.
    pub(super) fn noting(self, changes: &Changes) -> Self {
        ExpiringMap { changes: changes.clone(), ..self }
    }

    /// What is left of saved entries, with its time.
    pub(super) fn restore(&self, saved: Vec<SavedEntry<V>>, now: Moment) {
        let mut left: Vec<_> = saved.into_iter().filter(|entry| entry.ends > now.unix).collect();
        left.sort_by_key(|entry| std::cmp::Reverse(entry.expires.0));
        left.truncate(self.capacity);
        let mut entries = self.lock();
        for SavedEntry { digest, expires, ends, value } in left {
            let digest = URL_SAFE_NO_PAD.decode(digest).ok().and_then(|digest| digest.try_into().ok());
            let times = (now.instant_of(expires), now.instant_of(ends));
            if let (Some(digest), (Some(expires), Some(ends))) = (digest, times) {
                entries.insert(digest, Entry { expires, ends, value });
            }
        }
    }

    /// All entries whose life has not ended.
    pub(super) fn saved(&self, now: Moment) -> Vec<SavedEntry<V>> {
        let entries = self.lock();
        let left = entries.iter().filter(|(_, entry)| entry.ends > now.instant);
        let saved = left.map(|(digest, entry)| SavedEntry {
            digest: URL_SAFE_NO_PAD.encode(digest),
            expires: now.unix_of(entry.expires),
            ends: now.unix_of(entry.ends),
            value: entry.value.clone(),
        });
        saved.collect()
    }

    pub(crate) fn insert(&self, name: &str, value: V, now: Instant) {
        self.insert_for(self.lifetime, name, value, now);
    }

    /// Inserts a value with a lifetime of its own.
    pub(super) fn insert_for(&self, lifetime: Duration, name: &str, value: V, now: Instant) {
        let ends = now + lifetime;
        let mut entries = self.lock();
        self.make_room(&mut entries, now);
        entries.insert(digest(name), Entry { expires: ends, ends, value });
        self.changes.note();
    }

    /// Gives a value the name `successor` too, for the rest of its life; under its old one it expires after
    /// `grace`, counted from the first time. Whether there was such a value.
    pub(crate) fn succeed(&self, name: &str, successor: &str, now: Instant, grace: Duration) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(&digest(name)).filter(|entry| entry.expires > now) else {
            return false;
        };
        entry.expires = entry.expires.min(now + grace);
        let next = Entry { expires: entry.ends, ends: entry.ends, value: entry.value.clone() };
        self.make_room(&mut entries, now);
        entries.insert(digest(successor), next);
        self.changes.note();
        true
    }

    pub(crate) fn get(&self, name: &str, now: Instant) -> Option<V> {
        let entries = self.lock();
        let entry = entries.get(&digest(name))?;
        (entry.expires > now).then(|| entry.value.clone())
    }

    /// The value, even when it has expired, as long as it did not have to make room.
    pub(crate) fn recall(&self, name: &str) -> Option<V> {
        self.lock().get(&digest(name)).map(|entry| entry.value.clone())
    }

    /// Removes and returns a value that `belongs`; another one stays.
    pub(crate) fn take_if(&self, name: &str, now: Instant, belongs: impl FnOnce(&V) -> bool) -> Option<V> {
        let mut entries = self.lock();
        let digest = digest(name);
        if !belongs(&entries.get(&digest)?.value) {
            return None;
        }
        let entry = entries.remove(&digest)?;
        self.changes.note();
        (entry.expires > now).then_some(entry.value)
    }

    pub(crate) fn remove(&self, name: &str) {
        if self.lock().remove(&digest(name)).is_some() {
            self.changes.note();
        }
    }

    /// Removes and returns all values of which this is true.
    pub(crate) fn remove_all(&self, gone: impl Fn(&V) -> bool) -> Vec<V> {
        let mut entries = self.lock();
        let removed: Vec<V> =
            entries.extract_if(|_, entry| gone(&entry.value)).map(|(_, entry)| entry.value).collect();
        drop(entries);
        if !removed.is_empty() {
            self.changes.note();
        }
        removed
    }

    /// Changes all values, even those that have expired.
    pub(crate) fn change_all(&self, mut change: impl FnMut(&mut V)) {
        self.lock().values_mut().for_each(|entry| change(&mut entry.value));
        self.changes.note();
    }

    /// All values that have not expired, in no order.
    pub(crate) fn all(&self, now: Instant) -> Vec<V> {
        let entries = self.lock();
        entries.values().filter(|entry| entry.expires > now).map(|entry| entry.value.clone()).collect()
    }

    fn make_room(&self, entries: &mut HashMap<[u8; 32], Entry<V>>, now: Instant) {
        if entries.len() >= self.capacity {
            entries.retain(|_, entry| entry.expires > now);
        }
        if entries.len() >= self.capacity {
            let first = entries.iter().min_by_key(|(_, entry)| entry.expires).map(|(digest, _)| *digest);
            first.and_then(|digest| entries.remove(&digest));
        }
    }

    // No operation can leave the map half-changed, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Entry<V>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::from_secs(300);

    #[test]
    fn entries_expire_at_their_time() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Instant::now());
        map.insert("a", 1, now);
        assert_eq!(map.get("a", now + LIFETIME - Duration::from_millis(1)), Some(1));
        assert_eq!(map.get("a", now + LIFETIME), None);
        assert_eq!(map.take_if("a", now + LIFETIME, |_| true), None);
    }

    #[test]
    fn values_are_taken_once_and_only_by_their_owner() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Instant::now());
        map.insert("a", 1, now);
        assert_eq!(map.take_if("a", now, |value| *value == 2), None);
        assert_eq!(map.take_if("a", now, |value| *value == 1), Some(1));
        assert_eq!(map.take_if("a", now, |value| *value == 1), None);
    }

    #[test]
    fn a_successor_lives_as_long_as_the_first_and_the_first_for_the_grace() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Instant::now());
        let (grace, second) = (Duration::from_secs(10), Duration::from_secs(1));
        map.insert("a", 1, now);
        assert!(map.succeed("a", "b", now + second, grace));
        // A second use does not begin the grace anew.
        assert!(map.succeed("a", "c", now + grace, grace));
        assert_eq!(map.get("a", now + grace), Some(1));
        assert_eq!(map.get("a", now + second + grace), None);
        assert!(!map.succeed("a", "d", now + second + grace, grace));
        assert_eq!(map.recall("a"), Some(1));
        for name in ["b", "c"] {
            assert_eq!(map.get(name, now + LIFETIME - second), Some(1));
            assert_eq!(map.get(name, now + LIFETIME), None);
        }
        assert!(map.succeed("b", "e", now + LIFETIME - second, grace));
        assert_eq!(map.get("e", now + LIFETIME), None);
        map.remove_all(|value| *value == 1);
        assert_eq!(["a", "b", "c", "e"].map(|name| map.recall(name)), [None; 4]);
    }

    #[test]
    fn saved_entries_keep_their_times_over_a_restart() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Moment::now());
        let (grace, second) = (Duration::from_secs(10), Duration::from_secs(1));
        map.insert("a", 1, now.instant);
        map.succeed("a", "b", now.instant, grace);
        let saved = serde_json::to_string(&map.saved(now)).unwrap();
        let read = || serde_json::from_str::<Vec<SavedEntry<i32>>>(&saved).unwrap();

        // The machine was off for 100 seconds.
        let UnixMilliseconds(unix) = now.unix;
        let later = Moment { instant: now.instant, unix: UnixMilliseconds(unix + 100_000) };
        let restored = ExpiringMap::new(LIFETIME, 10);
        restored.restore(read(), later);
        assert_eq!(
            [restored.get("a", later.instant), restored.recall("a")],
            [None, Some(1)],
            "the grace is over"
        );
        assert_eq!(restored.get("b", later.instant + second * 199), Some(1));
        assert_eq!(restored.get("b", later.instant + second * 200), None);
        let over = Moment { unix: UnixMilliseconds(unix + 300_000), ..later };
        let (ended, small) = (ExpiringMap::new(LIFETIME, 10), ExpiringMap::new(LIFETIME, 1));
        ended.restore(read(), over);
        small.restore(read(), later);
        assert_eq!([ended.recall("b"), small.recall("b"), small.recall("a")], [None, Some(1), None]);
    }

    #[test]
    fn without_grace_one_use_is_all() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Instant::now());
        map.insert("a", 1, now);
        assert!(map.succeed("a", "b", now, Duration::ZERO));
        assert!(!map.succeed("a", "c", now, Duration::ZERO));
        assert_eq!([map.get("a", now), map.get("b", now)], [None, Some(1)]);
    }

    #[test]
    fn all_are_listed_that_have_not_expired_and_all_are_changed() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 10), Instant::now());
        map.insert("a", 1, now);
        map.insert("b", 2, now + LIFETIME);
        map.change_all(|value| *value += 10);
        assert_eq!(map.all(now + LIFETIME), [12]);
        assert_eq!(map.recall("a"), Some(11));
    }

    #[test]
    fn the_oldest_makes_room() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 2), Instant::now());
        for (second, name) in ["a", "b", "c"].into_iter().enumerate() {
            map.insert(name, name, now + Duration::from_secs(second as u64));
        }
        assert_eq!(["a", "b", "c"].map(|name| map.get(name, now)), [None, Some("b"), Some("c")]);
    }
}
