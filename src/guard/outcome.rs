//! What guards answer Rocket, at a request and at the launch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rocket::outcome::Outcome as RocketOutcome;
use rocket::request::Outcome;
use rocket::{Ignite, Rocket};

use super::probe::is_probed;
use crate::app::App;
use crate::denial::Denial;
use crate::telemetry::{Event, emit};

pub(crate) fn outcome<G>(result: Result<G, Denial>) -> Outcome<G, Denial> {
    match result {
        Ok(guard) => RocketOutcome::Success(guard),
        // Never a forward: beside a catch-all route that would turn 401 into 404.
        Err(denial) => RocketOutcome::Error((denial.status(), denial)),
    }
}

/// Whether the launch must stop because the fairing is missing; if not, the app has a guard.
pub(crate) fn fairing_is_missing(rocket: &Rocket<Ignite>) -> bool {
    if let Some(app) = rocket.state::<Arc<App>>() {
        app.note_guard();
    }
    app_is_missing(rocket)
}

/// Whether the launch must stop because nobody signs in at this app.
pub(crate) fn sign_in_is_missing(rocket: &Rocket<Ignite>) -> bool {
    let is_left_out = rocket.state::<Arc<App>>().is_some_and(|app| app.sign_in.is_none());
    if is_left_out {
        emit(Event::SignInNotConfigured);
    }
    is_left_out || app_is_missing(rocket)
}

/// Whether the launch must stop because the fairing is missing. Rocket asks once per type; the remedy is printed once.
pub(crate) fn app_is_missing(rocket: &Rocket<Ignite>) -> bool {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let missing = rocket.state::<Arc<App>>().is_none();
    if missing && !is_probed(rocket) && !TOLD.swap(true, Ordering::Relaxed) {
        emit(Event::FairingMissing);
    }
    missing
}
