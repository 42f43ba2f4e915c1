//! Commands to the store, each counted when it ends.

use super::label::CommandOutcome;
use super::last::Last;
use super::table::Table;
use super::uptime::Uptime;

/// A command to the store that is under way. Dropped before it is [finished](Self::finish), it counts as one without an
/// answer.
pub(crate) struct StoreCall<'a> {
    uptime: &'a Uptime,
    outcomes: Option<&'a Table<CommandOutcome>>,
    last: &'a Last<CommandOutcome>,
    outcome: CommandOutcome,
}

impl<'a> StoreCall<'a> {
    pub(super) fn begin(
        uptime: &'a Uptime,
        outcomes: Option<&'a Table<CommandOutcome>>,
        last: &'a Last<CommandOutcome>,
    ) -> Self {
        StoreCall { uptime, outcomes, last, outcome: CommandOutcome::Unavailable }
    }

    pub(crate) fn finish(mut self, outcome: CommandOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for StoreCall<'_> {
    fn drop(&mut self) {
        if let Some(outcomes) = self.outcomes {
            outcomes.add(self.outcome);
        }
        self.last.note(self.outcome, self.uptime.now());
    }
}
