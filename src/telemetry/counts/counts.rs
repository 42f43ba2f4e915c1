//! What one app counts.

use std::time::Duration;

use super::codes::Codes;
use super::counter::Counter;
use super::label::{
    AdmittedBy, CallResult, CommandOutcome, Hook, PoolEndpoint, RefreshAnswer, SignOutAt, StoreCommand,
    WaitFor,
};
use super::last::Last;
use super::pool_call::{EndpointCounts, PoolCall};
use super::sharded_counter::ShardedCounter;
use super::store_call::StoreCall;
use super::table::Table;
use super::uptime::Uptime;
use crate::clock::Clock;

/// How a sign-in is counted that has begun a session.
pub(crate) const SIGN_IN_DONE: &str = "done";

/// What one app counts, from its launch on. Whoever counts is given it by its owner, so that two apps of one process do not
/// mix.
pub(crate) struct Counts {
    uptime: Uptime,
    pub(crate) admissions: Table<AdmittedBy, ShardedCounter>,
    /// Refusals that became answers.
    pub(crate) refusals: Codes,
    /// How sign-ins ended that came back to a callback.
    pub(crate) sign_ins: Codes,
    pub(crate) refreshes: Table<RefreshAnswer>,
    pub(crate) sign_outs: Table<SignOutAt>,
    pub(crate) waits: Table<WaitFor>,
    pool: Table<PoolEndpoint, EndpointCounts>,
    /// Calls to the pool that were not made, since too many were under way.
    pub(crate) calls_turned_away: Counter,
    /// Tokens that were known from an earlier request.
    pub(crate) token_cache_hits: ShardedCounter,
    /// Tokens whose signature was checked.
    pub(crate) token_cache_misses: Counter,
    pub(crate) hook_failures: Table<Hook>,
    pub(crate) store_commands: Table<StoreCommand, Table<CommandOutcome>>,
    last_command: Last<CommandOutcome>,
    #[cfg(feature = "redis")]
    pub(crate) store_reconnections: Counter,
}

impl Counts {
    /// With a counter for each of the codes of `refusals`, and of `sign_ins` that come to nothing.
    pub(crate) fn new(
        clock: &Clock,
        refusals: impl IntoIterator<Item = &'static str>,
        sign_ins: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        Counts {
            uptime: Uptime::new(clock),
            admissions: Table::default(),
            refusals: Codes::new(refusals),
            sign_ins: Codes::new([SIGN_IN_DONE].into_iter().chain(sign_ins)),
            refreshes: Table::default(),
            sign_outs: Table::default(),
            waits: Table::default(),
            pool: Table::default(),
            calls_turned_away: Counter::default(),
            token_cache_hits: ShardedCounter::default(),
            token_cache_misses: Counter::default(),
            hook_failures: Table::default(),
            store_commands: Table::default(),
            last_command: Last::default(),
            #[cfg(feature = "redis")]
            store_reconnections: Counter::default(),
        }
    }

    /// Begins a call to this endpoint of the pool.
    pub(crate) fn pool_call(&self, endpoint: PoolEndpoint) -> PoolCall<'_> {
        PoolCall::begin(&self.uptime, self.pool.of(endpoint))
    }

    pub(crate) fn endpoints(&self) -> impl Iterator<Item = (PoolEndpoint, &EndpointCounts)> {
        self.pool.each()
    }

    /// What came of the last call to this endpoint, and how long ago it ended.
    pub(crate) fn last_call(&self, endpoint: PoolEndpoint) -> Option<(CallResult, Duration)> {
        self.pool.of(endpoint)?.last.get().map(|(result, at)| (result, self.age(at)))
    }

    /// Begins a command to the store.
    pub(crate) fn store_command(&self, command: StoreCommand) -> StoreCall<'_> {
        StoreCall::begin(&self.uptime, self.store_commands.of(command), &self.last_command)
    }

    /// What came of the last command to the store, and how long ago.
    pub(crate) fn last_command(&self) -> Option<(CommandOutcome, Duration)> {
        self.last_command.get().map(|(outcome, at)| (outcome, self.age(at)))
    }

    fn age(&self, at: Duration) -> Duration {
        self.uptime.now().saturating_sub(at)
    }
}

/// What nobody reads, as for code without an app.
impl Default for Counts {
    fn default() -> Self {
        Counts::new(&Clock::default(), [], [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_to_the_store_that_is_dropped_counts_as_unavailable() {
        let counts = Counts::new(&Clock::default(), [], []);
        let outcomes = || {
            let commands = counts.store_commands.of(StoreCommand::Load).unwrap();
            commands.each().map(|(_, counter)| counter.get()).collect::<Vec<_>>()
        };
        counts.store_command(StoreCommand::Load).finish(CommandOutcome::Done);
        assert_eq!(outcomes(), [1, 0, 0]);
        drop(counts.store_command(StoreCommand::Load));
        assert_eq!(outcomes(), [1, 0, 1]);
        assert_eq!(counts.last_command().unwrap().0, CommandOutcome::Unavailable);
    }

    #[test]
    fn a_call_counts_once_when_it_ends_and_a_dropped_one_has_failed() {
        let clock = Clock::default();
        let counts = Counts::new(&clock, [], []);
        let revocations = counts.pool.of(PoolEndpoint::Revoke).unwrap();
        let [first, second] = [(); 2].map(|()| counts.pool_call(PoolEndpoint::Revoke));
        assert_eq!(revocations.in_flight.get(), 2);
        clock.advance(Duration::from_secs(1000));
        first.finish(CallResult::Refused);
        assert_eq!(revocations.in_flight.get(), 1);
        drop(second);
        let results: Vec<_> = revocations.results.each().map(|(_, counter)| counter.get()).collect();
        assert_eq!((results.as_slice(), revocations.in_flight.get()), (&[0, 1, 1][..], 0));
        assert!(revocations.seconds.seconds() >= 2000.0);
        clock.advance(Duration::from_secs(10));
        let (result, age) = counts.last_call(PoolEndpoint::Revoke).unwrap();
        assert_eq!(result, CallResult::Failed);
        assert!(age >= Duration::from_secs(10));
        assert_eq!(counts.last_call(PoolEndpoint::Token), None);
    }
}
