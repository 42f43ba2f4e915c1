//! A bounded map whose entries expire.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// Codes, sessions and refresh tokens: values under secret names, for a fixed time. When full, the
/// entry that would expire first makes room.
pub(super) struct ExpiringMap<V> {
    // By digest, so that the time of a look-up tells nothing about the names.
    entries: Mutex<HashMap<[u8; 32], Entry<V>>>,
    lifetime: Duration,
    capacity: usize,
}

struct Entry<V> {
    expires: Instant,
    value: V,
}

impl<V: Clone> ExpiringMap<V> {
    pub(super) fn new(lifetime: Duration, capacity: usize) -> Self {
        ExpiringMap { entries: Mutex::new(HashMap::new()), lifetime, capacity }
    }

    pub(super) fn insert(&self, name: &str, value: V, now: Instant) {
        let mut entries = self.lock();
        if entries.len() >= self.capacity {
            entries.retain(|_, entry| entry.expires > now);
        }
        if entries.len() >= self.capacity {
            let first = entries.iter().min_by_key(|(_, entry)| entry.expires).map(|(digest, _)| *digest);
            first.and_then(|digest| entries.remove(&digest));
        }
        entries.insert(digest(name), Entry { expires: now + self.lifetime, value });
    }

    pub(super) fn get(&self, name: &str, now: Instant) -> Option<V> {
        let entries = self.lock();
        let entry = entries.get(&digest(name))?;
        (entry.expires > now).then(|| entry.value.clone())
    }

    /// Removes and returns a value that `belongs`; another one stays.
    pub(super) fn take_if(&self, name: &str, now: Instant, belongs: impl FnOnce(&V) -> bool) -> Option<V> {
        let mut entries = self.lock();
        let digest = digest(name);
        if !belongs(&entries.get(&digest)?.value) {
            return None;
        }
        let entry = entries.remove(&digest)?;
        (entry.expires > now).then_some(entry.value)
    }

    pub(super) fn remove(&self, name: &str) {
        self.lock().remove(&digest(name));
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
    fn the_oldest_makes_room() {
        let (map, now) = (ExpiringMap::new(LIFETIME, 2), Instant::now());
        for (second, name) in ["a", "b", "c"].into_iter().enumerate() {
            map.insert(name, name, now + Duration::from_secs(second as u64));
        }
        assert_eq!(["a", "b", "c"].map(|name| map.get(name, now)), [None, Some("b"), Some("c")]);
    }
}
