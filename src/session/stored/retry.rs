//! How long, and how often, a store that is out of reach is asked again.

use std::iter::repeat;
use std::time::Duration;

use crate::clock::Clock;

/// How long the store is asked to take what it did not take at once.
pub(super) const KEEP_TRYING: Duration = Duration::from_secs(600);
/// Between two tries, at first and later.
const FIRST_PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];
const LAST_PAUSE: Duration = Duration::from_secs(3);

/// The pauses before each further try, until [`KEEP_TRYING`] is over.
pub(super) fn pauses(clock: &Clock) -> impl Iterator<Item = Duration> {
    let ends_at = clock.instant() + KEEP_TRYING;
    FIRST_PAUSES.into_iter().chain(repeat(LAST_PAUSE)).take_while(move |_| clock.instant() < ends_at)
}
