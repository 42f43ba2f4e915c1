//! A counter for what happens with every request.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// More threads than this share some.
const SHARDS: usize = 16;

/// A counter for what happens with every request: threads on different cores write different memory, so that none waits
/// for another.
#[derive(Default)]
pub(crate) struct ShardedCounter {
    shards: [Shard; SHARDS],
}

/// One part of the counter. It is as long as two cache lines, since processors fetch the second with the first.
#[derive(Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

thread_local! {
    /// Which shard this thread writes.
    static SHARD: Cell<Option<usize>> = const { Cell::new(None) };
}

impl ShardedCounter {
    pub(crate) fn add(&self) {
        if let Some(Shard(count)) = self.shards.get(shard_of_this_thread()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        let counts = self.shards.iter().map(|Shard(count)| count.load(Ordering::Relaxed));
        counts.fold(0, u64::wrapping_add)
    }
}

/// Each new thread takes the next shard.
fn shard_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    SHARD.get().unwrap_or_else(|| {
        let shard = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
        SHARD.set(Some(shard));
        shard
    })
}
