//! The map of an app's routes.

mod guards;
mod mounts;
mod shown;
mod trial;

use rocket::local::blocking::Client;
use rocket::{Build, Rocket};
use rocket_cognito::testing::RouteMap;
use rocket_cognito::{Cognito, Group};

use crate::support::forge::{JwksFile, Key};
use crate::support::settings;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

/// The launched app.
fn launch(build: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Client {
    let jwks = JwksFile::new(&[&Key::new("k")]);
    let settings = settings(&jwks.uri()).merge(("cognito.refresh_flow_enabled", true));
    Client::untracked(build(rocket::custom(settings).attach(Cognito::fairing()))).unwrap()
}

/// What the map says of the routes of the app's own: URI and access.
fn own(map: &RouteMap<'_>) -> Vec<(String, String)> {
    let own = map.iter().filter(|route| !route.uri().starts_with("/auth/"));
    own.map(|route| (route.uri().to_owned(), route.access().to_string())).collect()
}

/// Rows of a map, from literals.
fn rows(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(uri, access)| ((*uri).to_owned(), (*access).to_owned())).collect()
}
