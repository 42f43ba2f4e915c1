//! `Counters` and `Health` as guards: of the app that asks, or of the one that its `Monitor` reads.

use std::convert::Infallible;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::counters::Counters;
use super::health::Health;
use super::monitor::Monitor;
use crate::guard::app_is_missing;

/// Whether the launch must stop because there is nothing to read. A server of the operators' own manages a [`Monitor`].
fn nothing_is_there(rocket: &Rocket<Ignite>) -> bool {
    rocket.state::<Monitor>().is_none() && app_is_missing(rocket)
}

/// What reads the app of this request.
fn monitor(request: &Request<'_>) -> Option<Monitor> {
    request.rocket().state::<Monitor>().cloned().or_else(|| Monitor::of(request.rocket()))
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Counters {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        // The sentinel stops a launch without the fairing; this serves types that Rocket cannot see into.
        Outcome::Success(monitor(request).map_or_else(Counters::default, |monitor| monitor.counters()))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Health {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        Outcome::Success(monitor(request).map_or_else(Health::default, |monitor| monitor.health()))
    }
}

impl Sentinel for Counters {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        nothing_is_there(rocket)
    }
}

impl Sentinel for Health {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        nothing_is_there(rocket)
    }
}
