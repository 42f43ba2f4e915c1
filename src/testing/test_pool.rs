//! The user pool of a test.

use std::panic::Location;
use std::sync::Arc;

use figment::Figment;
use rocket::{Build, Orbit, Request, Rocket};

use super::carried::carried;
use super::keys::jwks;
use super::machine_client::MachineClient;
use super::misuse::misuse;
use super::person::Person;
use super::pool_handle::PoolHandle;
use super::session::Session;
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::Error;
use crate::telemetry::log_each_time;

/// A user pool without a server, for the tests of an app: it has keys, and a clock. Clones are the same pool.
///
/// People and machines are made up where a test needs them; their sessions are refreshed and revoked as at Cognito. Nobody
/// signs in by the pool's pages, and nobody is there to be asked for anything else: that answers 503 `pool_unavailable`,
/// and the log says so. Such tests take the local pool, of the module `local_pool`.
///
/// # Example
/// ```rust
/// use rocket::http::Status;
/// use rocket::local::blocking::Client;
/// use rocket::{Build, Rocket, get, routes};
/// use rocket_cognito::{Cognito, Group, InGroups};
/// use rocket_cognito::testing::{Ask, TestPool};
///
/// struct Staff;
/// impl Group for Staff { const NAME: &'static str = "staff"; }
///
/// #[get("/desk")]
/// fn desk(by: InGroups<Staff>) -> String { format!("Welcome, {}", by.username()) }
///
/// fn app() -> Rocket<Build> {
///     rocket::build().attach(Cognito::fairing()).mount("/", routes![desk])
/// }
///
/// let pool = TestPool::new();
/// let client = Client::tracked(pool.attach(app())).unwrap();
/// let alice = pool.person("alice").group("staff");
/// assert_eq!(client.get("/desk").signed_in(&alice).ask().status(), Status::Ok);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct TestPool {
    handle: PoolHandle,
}

impl TestPool {
    /// A pool of its own. The first one of a process makes its keys, which takes a moment.
    pub fn new() -> Self {
        TestPool::default()
    }

    /// Gives the pool to an app as it is shipped, before or after its fairing.
    ///
    /// The app then has its own settings from `Rocket.toml` and from code, but for those that lead out of the process:
    /// pool, client and URLs that are not set are made up, keys and secrets are the pool's own, sessions in a store lie in
    /// memory unless the app's code gives the store, and neither `ROCKET_COGNITO_…` nor `local_pool` nor `disabled` has an
    /// effect. The time is the pool's [`clock`](Self::clock).
    ///
    /// The launch is refused in a profile where the local pool may not run: other than `debug` and the one that
    /// `unsafe_in_profile` names.
    ///
    /// # Panics
    /// When the app has a pool already.
    #[track_caller]
    #[must_use]
    pub fn attach(&self, app: Rocket<Build>) -> Rocket<Build> {
        if app.state::<TestPool>().is_some() {
            misuse("the app has a `TestPool` already");
        }
        app.manage(self.clone())
    }

    /// Somebody of this name, in no group.
    ///
    /// # Panics
    /// When the name is empty, or no text of one line.
    #[track_caller]
    pub fn person(&self, name: impl Into<String>) -> Person {
        let name = name.into();
        if name.is_empty() || name.chars().any(char::is_control) {
            misuse(format!("{name:?} is no name of a person"));
        }
        Person::new(self.handle.clone(), name)
    }

    /// The app client of this id, which gets tokens for itself.
    pub fn machine(&self, client_id: impl Into<String>) -> MachineClient {
        MachineClient::new(client_id.into())
    }

    /// The time of all apps with this pool, which a test may move forward.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.handle.clock
    }

    /// The settings of an app with this pool.
    pub(crate) fn settings(&self, figment: &Figment) -> Result<Settings, Error> {
        let settings = Settings::load_for_test(figment, Arc::new(self.handle.clone()), jwks())?;
        // From here on this process is known to serve nobody.
        log_each_time();
        Ok(settings)
    }

    /// The pool of an app that has one.
    #[track_caller]
    pub(super) fn of(rocket: &Rocket<Orbit>) -> &TestPool {
        match rocket.state::<TestPool>() {
            Some(pool) => pool,
            None => misuse("the app has no `TestPool`: `Client::tracked(pool.attach(app))`"),
        }
    }

    pub(super) fn handle(&self) -> &PoolHandle {
        &self.handle
    }

    /// Requires that a person is of the app's pool.
    #[track_caller]
    pub(super) fn check_is_of(rocket: &Rocket<Orbit>, person: &PoolHandle) {
        if !TestPool::of(rocket).handle.is_same(person) {
            misuse("the person is of another `TestPool` than the app");
        }
    }

    /// Lets `request` carry a session from its dispatch on.
    #[track_caller]
    pub(super) fn sign_in(request: &Request<'_>, session: Session) {
        TestPool::check_is_of(request.rocket(), session.pool());
        *carried(request) = Some((session, Location::caller()));
    }
}
