//! Where events are reported.

use super::event::Event;
use super::log;

/// Reports an event to all who listen: today that is the log.
pub(crate) fn emit(event: Event<'_>) {
    log::print(event);
}
