//! What follows from a reason.

use rocket::http::Status;

use super::challenge::Challenge;
use super::html::NextStep;

/// What follows from a reason.
pub(super) struct Row {
    /// A stable name for programs. Reasons that only this crate distinguishes share one.
    pub(super) code: &'static str,
    pub(super) status: Status,
    pub(super) next_step: NextStep,
    pub(super) title: &'static str,
    /// What happened, in one sentence.
    pub(super) message: &'static str,
    /// What the visitor can do about it. What stands in braces is filled in by `Links`.
    pub(super) hint: &'static str,
    /// What a program can do about it, if not the same.
    pub(super) program_hint: Option<&'static str>,
    /// Required with 401 (RFC 9110 section 15.5.2).
    pub(super) challenge: Option<Challenge>,
    /// The method that a 405 allows (RFC 9110 section 15.5.6).
    pub(super) allow: Option<&'static str>,
    /// The seconds of `Retry-After`, where waiting may help without anybody doing something.
    pub(super) retry_after: Option<u64>,
    /// Whether a browser is sent to sign in, or to sign in again.
    pub(super) asks_for_sign_in: bool,
    /// Whether [`OrForward`](crate::OrForward) passes the request on.
    pub(super) is_forwarded: bool,
}
