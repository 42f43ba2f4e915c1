//! What stands before a route, and whether it only holds sentinels: found by cloning its handler.
//!
//! Rocket shows nothing of a handler, and a route may have been mounted anywhere. But cloning is up to the handler.

use std::cell::RefCell;

use rocket::Route;
use rocket::sentinel::Sentry;

/// What the handler of a route is made of.
#[derive(Default)]
pub(crate) struct HandlerTrace {
    /// The guards before it, the first to be asked first.
    pub(crate) guards: Vec<Sentry>,
    /// Whether it never answers, and only holds sentinels.
    pub(crate) is_carrier: bool,
}

thread_local! {
    /// What has been cloned so far, while [`HandlerTrace::of`] asks.
    static CLONED: RefCell<Option<HandlerTrace>> = const { RefCell::new(None) };
}

impl HandlerTrace {
    pub(crate) fn of(route: &Route) -> Self {
        CLONED.set(Some(HandlerTrace::default()));
        drop(route.handler.clone());
        CLONED.take().unwrap_or_default()
    }
}

/// A handler with a guard before it is cloned.
pub(super) fn note_guard(sentry: Sentry) {
    note(|cloned| cloned.guards.push(sentry));
}

/// A handler that only holds sentinels is cloned.
pub(super) fn note_carrier() {
    note(|cloned| cloned.is_carrier = true);
}

fn note(change: impl FnOnce(&mut HandlerTrace)) {
    CLONED.with_borrow_mut(|cloned| cloned.as_mut().map(change));
}
