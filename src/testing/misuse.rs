//! How the kit reports to the author of a test that something cannot work.

use std::panic::panic_any;

/// Ends the test with this text: a test has no other way to fail, and no app that serves people comes here.
#[track_caller]
pub(super) fn misuse(text: impl Into<String>) -> ! {
    panic_any(text.into())
}
