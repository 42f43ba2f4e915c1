//! What the fairing does at ignition, liftoff, each request, each response and shutdown.

use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Method;
use rocket::{Build, Data, Orbit, Request, Response, Rocket, fairing};

use super::cognito::Cognito;
use super::ignite::ignite;
use super::response::finish_response;
use super::{launch, local_pool, own_urls, uncaught};
use crate::app::App;
use crate::clock::Clock;
use crate::request::{RequestState, hide_query};
use crate::telemetry::{Event, emit};
#[cfg(feature = "testing")]
use crate::testing::{TestPool, add_session, keep_session};

#[rocket::async_trait]
impl Fairing for Cognito {
    fn info(&self) -> Info {
        Info {
            name: "Cognito",
            kind: Kind::Ignite
                | Kind::Liftoff
                | Kind::Request
                | Kind::Response
                // No `Singleton`: Rocket would drop the first of two, and its hooks, without a word.
                | Kind::Shutdown,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let clock = self.clock.as_ref().or_else(|| rocket.state::<Clock>());
        #[cfg(feature = "testing")]
        let clock = rocket.state::<TestPool>().map(TestPool::clock).or(clock);
        let clock = clock.cloned().unwrap_or_default();
        match ignite(rocket, clock, self.hooks.clone(), self.store.clone()).await {
            Ok(rocket) => Ok(rocket),
            Err((rocket, error)) => {
                emit(Event::LaunchRefused { error: &error });
                Err(rocket)
            }
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        let Some(app) = App::of(rocket) else { return };
        // Not at ignition, where Rocket has not yet set its log level.
        launch::report_settings(rocket, &app.settings, &app.hooks);
        if app.is_disabled() {
            return;
        }
        // Otherwise they were fetched at ignition.
        if !app.settings.pool.require_keys_at_launch {
            // A failure has been reported, and the background task tries again.
            let _ = app.pool.verifier().jwks().refresh().await;
        }
        launch::report_store(app).await;
        local_pool::report(rocket);
        launch::report_address(&app.settings);
        own_urls::report(rocket, &app.settings);
        uncaught::report_at_launch(rocket, app);
        rocket::tokio::spawn(Arc::clone(app.pool.verifier().jwks()).keep_fresh(rocket.shutdown()));
        rocket::tokio::spawn(Arc::clone(app).sweep(rocket.shutdown()));
    }

    /// Lets the calls that are under way end, whose answers Rocket still delivers, and begins no more.
    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        if let Some(app) = App::of(rocket) {
            app.stop().await;
        }
    }

    /// Takes code and state out of the URI before Rocket logs it, whatever the method.
    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        #[cfg(feature = "testing")]
        add_session(request).await;
        let Some(app) = App::of(request.rocket()) else { return };
        if request.method() == Method::Head {
            RequestState::of(request).set_head();
        }
        if let Some(parts) = &app.sign_in {
            hide_query(request, parts);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        finish_response(request, response).await;
        #[cfg(feature = "testing")]
        keep_session(request, response);
    }
}
