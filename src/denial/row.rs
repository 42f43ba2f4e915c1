//! What follows from a reason, and the macro that makes the table of reasons.

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

/// Makes the enum and its table. A row has the first six columns; another that it leaves out is `None` or false.
macro_rules! reasons {
    ($($reason:ident {
        code: $code:literal, status: $status:ident, next_step: $next_step:ident,
        title: $title:literal,
        message: $message:literal,
        hint: $hint:literal,
        $($column:ident: $value:expr,)*
    })+) => {
        /// Why a visitor is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Reason { $($reason),+ }

        impl Reason {
            pub(crate) const ALL: &[Reason] = &[$(Reason::$reason),+];

            pub(super) const fn row(self) -> &'static Row {
                const REST: Row = Row {
                    code: "",
                    status: Status::InternalServerError,
                    next_step: NextStep::Nothing,
                    title: "",
                    message: "",
                    hint: "",
                    program_hint: None,
                    challenge: None,
                    allow: None,
                    retry_after: None,
                    asks_for_sign_in: false,
                    is_forwarded: false,
                };
                match self {
                    $(Reason::$reason => const {
                        &Row {
                            code: $code,
                            status: Status::$status,
                            next_step: NextStep::$next_step,
                            title: $title,
                            message: $message,
                            hint: $hint,
                            $($column: $value,)*
                            ..REST
                        }
                    }),+
                }
            }
        }
    };
}

pub(super) use reasons;
