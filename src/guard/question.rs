//! A request that asks what guards it meets: each says what it asks for, and refuses.
//!
//! Without the feature `testing` nobody asks.

#[cfg(feature = "testing")]
use std::sync::{Mutex, PoisonError};

use rocket::Request;
use rocket::request::Outcome;

use super::asks::Asks;
use crate::denial::Denial;
#[cfg(feature = "testing")]
use crate::denial::Reason;

/// What a request that asks has met last: the route, by its address, and what its guard asks for.
#[cfg(feature = "testing")]
#[derive(Default)]
pub(crate) struct Question(Mutex<Option<(usize, Asks)>>);

/// Lies in the cache of every request that meets a guard, mostly empty.
#[cfg(feature = "testing")]
struct Place(Option<Question>);

#[cfg(feature = "testing")]
impl Question {
    /// Lets `request` ask, before it is sent.
    pub(crate) fn put<'r>(request: &'r Request<'_>) -> Option<&'r Question> {
        request.local_cache(|| Place(Some(Question::default()))).0.as_ref()
    }

    fn of<'r>(request: &'r Request<'_>) -> Option<&'r Question> {
        request.local_cache(|| Place(None)).0.as_ref()
    }

    fn answer(&self, change: impl FnOnce(Option<(usize, Asks)>) -> Option<(usize, Asks)>) {
        let mut answer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *answer = change(answer.take());
    }

    /// What the guard asks for that has refused last, if it stands before the route at this address.
    pub(crate) fn answer_of(&self, route: &rocket::Route) -> Option<Asks> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        answer.filter(|(address, _)| *address == address_of(route)).map(|(_, asks)| asks)
    }
}

#[cfg(feature = "testing")]
fn address_of(route: &rocket::Route) -> usize {
    std::ptr::from_ref(route).addr()
}

/// Whether `request` asks.
#[cfg(feature = "testing")]
pub(super) fn is_question(request: &Request<'_>) -> bool {
    Question::of(request).is_some()
}

/// Refuses a `request` that asks, and answers it.
///
/// # Errors
/// Where it asks: `not_signed_in`.
#[cfg(feature = "testing")]
pub(crate) fn answer_question(request: &Request<'_>, asks: fn() -> Asks) -> Result<(), Denial> {
    let Some(question) = Question::of(request) else { return Ok(()) };
    question.answer(|_| request.route().map(|route| (address_of(route), asks())));
    Err(Denial::record(request, Reason::NotSignedIn, None))
}

/// The `outcome` of a guard inside another one, which adds to what that asks for.
#[cfg(feature = "testing")]
pub(super) fn with<G>(
    request: &Request<'_>,
    outcome: Outcome<G, Denial>,
    and: fn(Asks) -> Asks,
) -> Outcome<G, Denial> {
    if let Some(question) = Question::of(request).filter(|_| outcome.is_error()) {
        question.answer(|answer| answer.map(|(route, asks)| (route, and(asks))));
    }
    outcome
}

#[cfg(not(feature = "testing"))]
pub(super) fn is_question(_: &Request<'_>) -> bool {
    false
}

#[cfg(not(feature = "testing"))]
pub(crate) fn answer_question(_: &Request<'_>, _: fn() -> Asks) -> Result<(), Denial> {
    Ok(())
}

#[cfg(not(feature = "testing"))]
pub(super) fn with<G>(
    _: &Request<'_>,
    outcome: Outcome<G, Denial>,
    _: fn(Asks) -> Asks,
) -> Outcome<G, Denial> {
    outcome
}
