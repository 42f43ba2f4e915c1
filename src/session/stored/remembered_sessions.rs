//! Sessions that were opened a while ago, so that the next request with one of them costs no cryptography.

use std::sync::{Arc, Mutex};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::opened_session::SessionContent;
use crate::clock::UnixSeconds;
use crate::config::TokenCache;
use crate::store::{SessionAddress, StoredSession};

/// They take this part of what verified tokens may take.
const PART_OF_TOKENS: u64 = 8;
/// What an entry takes beside the value and its content.
const ENTRY_BYTES: usize = 256;
/// New sessions after which those that are over are dropped, at least.
const MIN_BETWEEN_SWEEPS: usize = 64;

/// Sessions of the store as they were opened, by their address, bounded in bytes.
///
/// The store is asked all the same: a session counts only where the value and the generation that lie there now are those
/// that were opened. Only what has opened gets in, so that nobody fills it with what they make up.
pub(super) struct RememberedSessions {
    /// `None`: nothing is remembered.
    cache: Option<Cache<SessionAddress, Arc<Remembered>, Weight>>,
    /// How many more come before the next sweep: as many as the last one left, so that each pays for a few looks.
    until_sweep: Mutex<usize>,
}

struct Remembered {
    /// The sealed bytes.
    value: Vec<u8>,
    generation: u64,
    content: Arc<SessionContent>,
    /// When it is over if nobody is seen until then.
    ends_at: UnixSeconds,
}

#[derive(Clone)]
struct Weight;

impl Weighter<SessionAddress, Arc<Remembered>> for Weight {
    fn weight(&self, _: &SessionAddress, remembered: &Arc<Remembered>) -> u64 {
        (remembered.value.capacity() + remembered.content.bytes() + ENTRY_BYTES) as u64
    }
}

impl RememberedSessions {
    /// Room for as many sessions as fit into an eighth of the bytes for verified tokens; none where no token is remembered.
    pub(super) fn new(tokens: TokenCache) -> Self {
        let bytes = if tokens.entries == 0 { 0 } else { tokens.bytes / PART_OF_TOKENS };
        let expected = usize::try_from(bytes / 8192).unwrap_or(usize::MAX);
        let cache = (bytes > 0).then(|| Cache::with_weighter(expected, bytes, Weight));
        RememberedSessions { cache, until_sweep: Mutex::new(MIN_BETWEEN_SWEEPS) }
    }

    /// What was opened of this address, if it was the very value that lies there now.
    pub(super) fn get(&self, at: &SessionAddress, stored: &StoredSession) -> Option<Arc<SessionContent>> {
        let remembered = self.cache.as_ref()?.get(at)?;
        let is_same = remembered.generation == stored.generation && remembered.value == stored.value;
        is_same.then(|| Arc::clone(&remembered.content))
    }

    /// Remembers what was opened, in the place of what was at this address before.
    pub(super) fn insert(
        &self,
        at: &SessionAddress,
        stored: StoredSession,
        content: &Arc<SessionContent>,
        now: UnixSeconds,
    ) {
        let Some(cache) = &self.cache else { return };
        let StoredSession { value, generation, ends_in, .. } = stored;
        let (content, ends_at) = (Arc::clone(content), now.plus(ends_in.as_secs()));
        cache.insert(*at, Arc::new(Remembered { value, generation, content, ends_at }));
        // Nobody waits for a sweep under way.
        let Ok(mut until_sweep) = self.until_sweep.try_lock() else { return };
        *until_sweep = until_sweep.saturating_sub(1);
        if *until_sweep == 0 {
            cache.retain(|_, remembered| now < remembered.ends_at);
            *until_sweep = cache.len().max(MIN_BETWEEN_SWEEPS);
        }
    }

    /// Forgets a session that has ended, and its tokens with it.
    pub(super) fn forget(&self, at: &SessionAddress) {
        if let Some(cache) = &self.cache {
            cache.remove(at);
        }
    }
}

#[cfg(test)]
mod tests;
