//! The latest tokens of a session, kept for browsers that have missed them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::issued_session::IssuedSession;

/// How long tokens are kept until a browser is given them. A session is remembered as long after it was last refreshed, or
/// a browser was given its tokens.
pub(super) const KEEP: Duration = Duration::from_secs(600);
/// How long they are kept after that, for requests that were sent before the new cookies arrived: Cognito's longest grace
/// period for a refresh token that has been replaced.
pub(super) const KEEP_DELIVERED: Duration = Duration::from_secs(60);

/// The latest tokens of a session, and the browsers that may still ask for them.
pub(super) struct LatestTokens {
    pub(super) issued: Arc<IssuedSession>,
    replaced: Vec<ReplacedGeneration>,
}

/// A generation that later tokens have replaced.
struct ReplacedGeneration {
    generation: u32,
    /// Whether a browser has been given tokens of a later one.
    is_delivered: bool,
    /// When that was, or else when the latest tokens came.
    since: Instant,
}

impl LatestTokens {
    /// Tokens that replace those of a generation, and `earlier` ones that a browser may have missed.
    pub(super) fn replacing(
        generation: u32,
        earlier: Option<Self>,
        issued: Arc<IssuedSession>,
        now: Instant,
    ) -> Self {
        let keep = keep_delivered(&issued);
        let mut replaced = earlier.map_or_else(Vec::new, |earlier| earlier.replaced);
        replaced.retain(|replaced| replaced.is_kept(keep, now));
        for undelivered in replaced.iter_mut().filter(|replaced| !replaced.is_delivered) {
            undelivered.since = now;
        }
        replaced.push(ReplacedGeneration { generation, is_delivered: false, since: now });
        LatestTokens { issued, replaced }
    }

    /// These tokens, for a browser of an earlier generation that may have missed them.
    pub(super) fn after(&self, generation: u32, now: Instant) -> Option<Arc<IssuedSession>> {
        let keep = keep_delivered(&self.issued);
        let has_missed =
            |replaced: &ReplacedGeneration| replaced.generation == generation && replaced.is_kept(keep, now);
        let is_missed = generation < self.issued.generation() && self.replaced.iter().any(has_missed);
        is_missed.then(|| Arc::clone(&self.issued))
    }

    /// Whether anybody may still ask for them.
    pub(super) fn is_kept(&self, now: Instant) -> bool {
        let keep = keep_delivered(&self.issued);
        self.replaced.iter().any(|replaced| replaced.is_kept(keep, now))
    }

    /// Whether nobody has been given them: they may be the only copy.
    pub(super) fn is_only_copy(&self, now: Instant) -> bool {
        self.replaced.iter().any(|replaced| !replaced.is_delivered && replaced.is_kept(KEEP, now))
    }

    /// Notes that a browser is given the tokens of this generation.
    pub(super) fn mark_delivered(&mut self, generation: u32, now: Instant) {
        let is_missed = |it: &&mut ReplacedGeneration| it.generation < generation && !it.is_delivered;
        for replaced in self.replaced.iter_mut().filter(is_missed) {
            (replaced.is_delivered, replaced.since) = (true, now);
        }
    }
}

/// How long tokens are kept that somebody has been given. Those of a store, for as long as it may turn out that it has lost
/// them.
fn keep_delivered(issued: &IssuedSession) -> Duration {
    if issued.address.is_some() { KEEP } else { KEEP_DELIVERED }
}

impl ReplacedGeneration {
    /// Whether a browser that has it may still come.
    fn is_kept(&self, keep_delivered: Duration, now: Instant) -> bool {
        let keep = if self.is_delivered { keep_delivered } else { KEEP };
        now.saturating_duration_since(self.since) <= keep
    }
}
