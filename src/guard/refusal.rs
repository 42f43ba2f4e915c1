//! How a guard that refuses differs from one that never does.

use std::fmt;

use rocket::Request;

use crate::denial::Denial;
use crate::request::RequestState;

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
pub trait Refusal: sealed::Sealed + fmt::Debug {
    /// Stores the denial with the request, for catchers: a guard that the app defines may not have done so.
    #[doc(hidden)]
    fn record(&self, request: &Request<'_>);
}

impl Refusal for Denial {
    fn record(&self, request: &Request<'_>) {
        let denial = Denial::completed(request, self.clone());
        RequestState::of(request).set_denial(denial);
    }
}
