//! Tokens that passed every check, so that the next request with one of them costs no signature.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::unverified::MAX_TOKEN_BYTES;
use super::verified::VerifiedToken;

/// New tokens after which those that have expired are dropped, at least.
pub(super) const MIN_BETWEEN_SWEEPS: usize = 64;

/// Verified tokens by their whole text, bounded in number and in bytes.
///
/// Those that have expired are dropped as others come: there are never more of them than of the others, but for a few.
///
/// Only tokens whose signature holds get in, so that a flood of others pays for RSA and changes nothing here. The hash
/// is quick and keyed at random; it only leads to the text, which is compared as a whole.
pub(crate) struct VerifiedTokens {
    /// `None`: nothing is kept.
    cache: Option<Cache<ByText, Arc<VerifiedToken>, Weight>>,
    /// How many more come before the next sweep: as many as the last one left, so that each pays for a few looks.
    until_sweep: Mutex<usize>,
}

/// A token as the key to itself.
#[derive(Clone)]
struct ByText(Arc<VerifiedToken>);

impl Hash for ByText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.jwt().hash(state);
    }
}

impl PartialEq for ByText {
    fn eq(&self, other: &Self) -> bool {
        self.0.jwt() == other.0.jwt()
    }
}

impl Eq for ByText {}

impl Equivalent<ByText> for str {
    fn equivalent(&self, key: &ByText) -> bool {
        self == key.0.jwt()
    }
}

#[derive(Clone)]
struct Weight {
    /// The weight of the smallest entry, so that as many as may be take all the room.
    least: u64,
}

impl Weighter<ByText, Arc<VerifiedToken>> for Weight {
    fn weight(&self, _: &ByText, token: &Arc<VerifiedToken>) -> u64 {
        self.least.max(token.bytes() as u64)
    }
}

impl VerifiedTokens {
    /// At most so many tokens, of at most so many bytes together.
    pub(crate) fn new(entries: u64, bytes: u64) -> Self {
        // A shard takes nothing that would fill it.
        let least = bytes.checked_div(entries).map(|least| least.clamp(1, bytes / 10 * 9));
        let expected = usize::try_from(entries.min(bytes / 2048)).unwrap_or(usize::MAX);
        let cache = least.map(|least| Cache::with_weighter(expected, bytes, Weight { least }));
        VerifiedTokens { cache, until_sweep: Mutex::new(MIN_BETWEEN_SWEEPS) }
    }

    /// The token with this text. Whether it still counts is for the caller to say.
    pub(crate) fn get(&self, jwt: &str) -> Option<Arc<VerifiedToken>> {
        // No work for what is too long to be there.
        self.cache.as_ref().filter(|_| jwt.len() <= MAX_TOKEN_BYTES)?.get(jwt)
    }

    /// Remembers a token, and forgets from time to time those of which `is_over` holds.
    pub(crate) fn insert(&self, token: &Arc<VerifiedToken>, is_over: impl Fn(&VerifiedToken) -> bool) {
        let Some(cache) = &self.cache else { return };
        cache.insert(ByText(Arc::clone(token)), Arc::clone(token));
        // Nobody waits for a sweep under way.
        let Ok(mut until_sweep) = self.until_sweep.try_lock() else { return };
        *until_sweep = until_sweep.saturating_sub(1);
        if *until_sweep == 0 {
            cache.retain(|_, token| !is_over(token));
            *until_sweep = cache.len().max(MIN_BETWEEN_SWEEPS);
        }
    }

    pub(crate) fn remove(&self, jwt: &str) {
        if let Some(cache) = &self.cache {
            cache.remove(jwt);
        }
    }

    /// How many tokens there are, and what they weigh.
    pub(crate) fn len_and_bytes(&self) -> (usize, u64) {
        self.cache.as_ref().map_or((0, 0), |cache| (cache.len(), cache.weight()))
    }
}
