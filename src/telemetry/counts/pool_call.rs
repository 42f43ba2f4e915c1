//! Calls to the pool, each counted when it ends.

use std::time::Duration;

use super::counter::Gauge;
use super::histogram::Histogram;
use super::label::CallResult;
use super::last::Last;
use super::table::Table;
use super::uptime::Uptime;

/// What is counted of one endpoint of the pool.
#[derive(Default)]
pub(crate) struct EndpointCounts {
    pub(crate) results: Table<CallResult>,
    pub(crate) seconds: Histogram,
    pub(crate) in_flight: Gauge,
    pub(super) last: Last<CallResult>,
}

/// A call to the pool that is under way, tries again included. Dropped before it is [finished](Self::finish), it has failed.
pub(crate) struct PoolCall<'a> {
    uptime: &'a Uptime,
    endpoint: Option<&'a EndpointCounts>,
    begun_at: Duration,
    result: CallResult,
}

impl<'a> PoolCall<'a> {
    pub(super) fn begin(uptime: &'a Uptime, endpoint: Option<&'a EndpointCounts>) -> Self {
        if let Some(endpoint) = endpoint {
            endpoint.in_flight.enter();
        }
        PoolCall { uptime, endpoint, begun_at: uptime.now(), result: CallResult::Failed }
    }

    pub(crate) fn finish(mut self, result: CallResult) {
        self.result = result;
    }
}

impl Drop for PoolCall<'_> {
    fn drop(&mut self) {
        let Some(endpoint) = self.endpoint else { return };
        let now = self.uptime.now();
        endpoint.results.add(self.result);
        endpoint.seconds.observe(now.saturating_sub(self.begun_at));
        endpoint.last.note(self.result, now);
        endpoint.in_flight.leave();
    }
}
