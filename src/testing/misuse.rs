//! How the kit reports to the author of a test that something cannot work.

/// Ends the test with this text.
#[expect(clippy::panic, reason = "a test has no other way to fail, and no app that serves people comes here")]
#[track_caller]
pub(super) fn misuse(text: impl AsRef<str>) -> ! {
    panic!("{}", text.as_ref())
}
