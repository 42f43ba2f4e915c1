//! What tells a guard that refuses from one that never does.

use std::fmt;

use crate::denial::Denial;

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::denial::Denial {}
}

/// The error of a guard that refuses: [`Denial`].
#[diagnostic::on_unimplemented(
    message = "this guard refuses nobody, so `guarded` would guard nothing",
    label = "the guard's error is `{Self}`, not `Denial`",
    note = "`Option<G>` and `Result<G, Denial>` let everybody pass: type `guarded::<G>(…)`",
    note = "a guard of your own has `type Error = Denial`"
)]
pub trait Refusal: sealed::Sealed + fmt::Debug {}

impl Refusal for Denial {}
