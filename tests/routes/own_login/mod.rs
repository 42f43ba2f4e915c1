//! An app that begins sign-ins by a route of its own.

mod hosts;
mod moving;
mod parameters;
mod refusals;
mod routes;
mod sign_in;
mod state;

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use rocket::{Build, Rocket, State, get, post, routes};
use rocket_cognito::Login;
use serde_json::Value;

use crate::support::agent::{Agent, Page};
use crate::support::app;
use crate::support::app::{App, SECRET_KEY, Setup};
use crate::support::sealing::Seal;

/// What the app's own login routes answer with.
type Given = Arc<Mutex<Login>>;

#[get("/signin")]
fn signin(given: &State<Given>) -> Login {
    given.lock().unwrap().clone()
}

#[post("/signin")]
fn signin_by_form(given: &State<Given>) -> Login {
    given.lock().unwrap().clone()
}

/// Hands on what the visitor asks for, as the mounted route does.
#[get("/hand_on?<next>&<identity_provider>&<idp_identifier>&<login_hint>&<lang>&<prompt>")]
fn hand_on(
    next: Option<&str>,
    identity_provider: Option<&str>,
    idp_identifier: Option<&str>,
    login_hint: Option<&str>,
    lang: Option<&str>,
    prompt: Option<&str>,
) -> Login {
    Login::new()
        .next(next)
        .identity_provider(identity_provider)
        .idp_identifier(idp_identifier)
        .login_hint(login_hint)
        .lang(lang)
        .prompt(prompt)
}

/// An app with login routes of its own beside the mounted one.
struct World {
    app: App,
    given: Given,
}

impl Deref for World {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl World {
    async fn start() -> Self {
        let audiences = ["https://api.example.com/v1", "myapp://orders"];
        World::start_with(Setup::new().set("accepted_audiences", audiences), |rocket| rocket).await
    }

    async fn start_with(setup: Setup, more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let given = Given::default();
        let managed = Arc::clone(&given);
        let routes = routes![signin, signin_by_form, hand_on];
        let build = |rocket| more(app::build(rocket).manage(managed).mount("/", routes));
        World { app: setup.start_with(build).await, given }
    }

    fn give(&self, login: Login) {
        *self.given.lock().unwrap() = login;
    }

    /// What `GET /signin` answers with this login.
    async fn begin(&self, agent: &Agent, login: Login) -> Page {
        self.give(login);
        agent.send(Method::GET, &self.url("/signin"), &[], None).await
    }

    /// What lies in the cookie of the one sign-in that is under way.
    fn attempt(&self, agent: &Agent) -> Value {
        let mut cookies = agent.cookies();
        let (name, sealed) = cookies.pop_first().expect("a login cookie");
        assert!(name.contains("cognito_login_") && cookies.is_empty(), "{name}, {cookies:?}");
        Seal::new(SECRET_KEY, "login").open(&sealed)
    }
}
