//! How long calls took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::counter::Counter;

/// The upper bounds of all buckets but the last, in milliseconds: from a pool near by to one for which visitors notice that
/// they wait. Few, since each is a series for each endpoint.
const BOUNDS: [u64; 5] = [100, 250, 500, 1_000, 3_000];

/// How many calls took how long.
#[derive(Default)]
pub(crate) struct Histogram {
    buckets: [Counter; BOUNDS.len()],
    /// Those that took longer than the last bound.
    longer: Counter,
    microseconds: AtomicU64,
}

impl Histogram {
    pub(super) fn observe(&self, took: Duration) {
        let fits = |(bound, _): &(u64, &Counter)| took <= Duration::from_millis(*bound);
        let bucket = BOUNDS.into_iter().zip(&self.buckets).find(fits);
        bucket.map_or(&self.longer, |(_, bucket)| bucket).add();
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// How many took at most so many seconds, for each bound; the last is infinite, and so counts all.
    pub(crate) fn cumulated(&self) -> Vec<(f64, u64)> {
        let bounds = BOUNDS.into_iter().map(|bound| Duration::from_millis(bound).as_secs_f64());
        let buckets = self.buckets.iter().chain([&self.longer]);
        let mut count = 0;
        let cumulated = buckets.map(|bucket| {
            count += bucket.get();
            count
        });
        bounds.chain([f64::INFINITY]).zip(cumulated).collect()
    }

    /// How many seconds all took together.
    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_micros(self.microseconds.load(Ordering::Relaxed)).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_for_its_bound_and_all_above() {
        let histogram = Histogram::default();
        for milliseconds in [0, 100, 101, 3_000, 3_001, 45_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        let counts: Vec<_> = histogram.cumulated().into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [2, 3, 3, 3, 4, 6]);
        assert_eq!(histogram.cumulated()[0].0, 0.1);
        assert_eq!(histogram.cumulated()[5].0, f64::INFINITY);
        assert_eq!(histogram.seconds(), 51.202);
    }
}
