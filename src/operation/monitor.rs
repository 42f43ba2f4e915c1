//! Counters and health outside of a request.

use std::fmt;
use std::sync::Arc;

use rocket::{Phase, Rocket};

use super::counters::Counters;
use super::health::Health;
use crate::app::App;

/// Reads the counters and the health of an app outside of its requests: for a second server on a port of its own, or a task
/// that sends the numbers somewhere. A clone reads the same app. On a server that manages it, [`Counters`] and [`Health`] are
/// guards too, and return what it reads.
///
/// # Example
/// ```rust,no_run
/// use rocket::{Config, State, get, routes};
/// use rocket_cognito::Cognito;
/// use rocket_cognito::operation::{Counters, Monitor};
///
/// #[get("/metrics")]
/// fn metrics(monitor: &State<Monitor>) -> Counters {
///     monitor.counters()
/// }
///
/// #[rocket::main]
/// async fn main() -> Result<(), rocket::Error> {
///     let app = rocket::build().attach(Cognito::fairing()).ignite().await?;
///     if let Some(monitor) = Monitor::of(&app) {
///         let config = Config { port: 9100, ..Config::release_default() };
///         let operators = rocket::custom(config).manage(monitor).mount("/", routes![metrics]);
///         rocket::tokio::spawn(operators.launch());
///     }
///     app.launch().await.map(drop)
/// }
/// ```
#[derive(Clone)]
pub struct Monitor {
    app: Arc<App>,
}

impl Monitor {
    /// Reads the app of `rocket`, from its ignition on. `None` where the fairing is not attached.
    #[must_use]
    pub fn of<P: Phase>(rocket: &Rocket<P>) -> Option<Self> {
        rocket.state::<Arc<App>>().map(|app| Monitor { app: Arc::clone(app) })
    }

    /// What the app has counted by now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters::new(&self.app)
    }

    /// How the app is at the moment.
    #[must_use]
    pub fn health(&self) -> Health {
        Health::new(&self.app)
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}
