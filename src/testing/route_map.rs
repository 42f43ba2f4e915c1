//! A map of an app's routes, with the guard that each asks.

use std::fmt;

use rocket::local::blocking::Client;
use rocket::{Orbit, Rocket};
use serde_json::Value;

use super::access::Access;
use super::credential_names::CredentialNames;
use super::differences::differences;
use super::document::Document;
use super::mapped_route::MappedRoute;
use super::signature::access_of;
use super::trial::guard_met;
use crate::app::App;
use crate::guard::HandlerTrace;
use crate::telemetry::KeptLogLevel;

/// Every route of an app, with the guards that it asks, in the order of the URIs. Its `Display` is a table, which may be
/// printed or compared with one that is kept.
///
/// [`map`] makes it.
#[derive(Debug, Clone)]
pub struct RouteMap<'r> {
    routes: Vec<MappedRoute<'r>>,
    /// `None` without the fairing.
    credentials: Option<CredentialNames>,
}

/// Maps the routes of `rocket`, each with the guards that it asks: those of its signature and those that
/// [`guarded`](crate::guarded) has put before it. No handler is run.
///
/// # What cannot be seen
/// - A guard inside a request guard of the app's own, which asks `request.guard::<CognitoUser>()`.
/// - What a handler decides itself, by an `Option<CognitoUser>` or with a [`Denial`](crate::Denial).
///
/// Such a route is called open, so that none is taken for guarded that is not. [`RouteMap::try_open`] finds what refuses
/// there.
///
/// # Example
/// ```rust
/// use rocket::local::blocking::Client;
/// use rocket::{Build, Rocket, get, routes};
/// use rocket_cognito::{CognitoUser, testing};
///
/// #[get("/")]
/// fn index() -> &'static str { "Everybody sees this." }
///
/// #[get("/me")]
/// fn me(user: CognitoUser) -> String { user.username().to_owned() }
///
/// fn every_route_but_the_first_page_asks_for_a_sign_in(rocket: Rocket<Build>) {
///     let client = Client::tracked(rocket.mount("/", routes![index, me])).unwrap();
///     assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
/// }
/// ```
#[must_use]
pub fn map(rocket: &Rocket<Orbit>) -> RouteMap<'_> {
    let _kept = KeptLogLevel::new();
    let own = rocket.routes().filter(|route| !HandlerTrace::of(route).is_carrier);
    let mut routes: Vec<_> = own.map(|route| MappedRoute { route, access: access_of(route) }).collect();
    // Rocket has them in no order but that of ranks.
    routes.sort_by_cached_key(|mapped| {
        (mapped.uri(), mapped.method().as_str(), mapped.route.rank, mapped.place())
    });
    RouteMap { routes, credentials: App::of(rocket).map(|app| CredentialNames::of(app)) }
}

impl<'r> RouteMap<'r> {
    /// Its routes, in the order of their URIs.
    pub fn iter(&self) -> impl Iterator<Item = &MappedRoute<'r>> {
        self.routes.iter()
    }

    /// The app's own routes that somebody without a credential gets through to, such as `GET /posts/<id>`.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        let open = self.iter().filter(|route| route.access.is_open());
        let mut open: Vec<_> = open.map(|route| format!("{} {}", route.method(), route.uri())).collect();
        open.dedup();
        open
    }

    /// What an OpenAPI document says otherwise than the routes do, a line for each difference. It may be of any generator.
    ///
    /// - A route with a guard is in the document, also where the guard is optional, and asks for the same there: for the
    ///   same credentials and, by OAuth 2, for the same scopes. Only schemes that the document has are compared, by their
    ///   types and not by their names; a key counts where it stands in the app's own header or cookie. An open route may be
    ///   missing, or ask for what is not the fairing's to check, such as the key of a webhook.
    /// - An operation of the document is a route, below the base of a server or where a proxy strips that. Its parameters
    ///   may have other names.
    ///
    /// The routes `left_out`, named as by [`open`](Self::open), are missing on purpose. The fairing's own routes may be.
    ///
    /// # Example
    /// ```rust
    /// use rocket::local::blocking::Client;
    /// use rocket_cognito::testing;
    ///
    /// fn the_document_says_what_the_routes_do(client: &Client, document: &serde_json::Value) {
    ///     let map = testing::map(client.rocket());
    ///     assert_eq!(map.differences(document, &["GET /metrics"]), [""; 0]);
    /// }
    /// ```
    #[must_use]
    pub fn differences(&self, document: &Value, left_out: &[&str]) -> Vec<String> {
        differences(&self.routes, &Document::new(document, self.credentials.as_ref()), left_out)
    }

    /// Sends a request to each route that is called open, and **runs its handler** if no guard stops it. Where one does,
    /// such as inside a request guard of the app's own, the route is called guarded from then on.
    ///
    /// Guards refuse these requests with 401, whoever is signed in at `client`, and say what they ask for. Dynamic segments
    /// are `1`, there is no body, and the headers are those of a script. Whatever is answered but 401 leaves a route open:
    /// that of a handler, of another route at the same path, and of a catcher that redirects scripts too.
    ///
    /// # Example
    /// ```rust
    /// use rocket::local::blocking::Client;
    /// use rocket_cognito::testing;
    ///
    /// fn only_the_first_page_is_open(client: &Client) {
    ///     assert_eq!(testing::map(client.rocket()).try_open(client).open(), ["GET /"]);
    /// }
    /// ```
    #[must_use]
    pub fn try_open(mut self, client: &Client) -> Self {
        for mapped in self.routes.iter_mut().filter(|route| route.access.is_open()) {
            if let Some(asks) = guard_met(client, mapped.route) {
                mapped.access = Access::Guarded(vec![asks]);
            }
        }
        self
    }
}

impl fmt::Display for RouteMap<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places: Vec<_> = self.iter().map(MappedRoute::place).collect();
        let widest = places.iter().map(|place| place.chars().count()).max().unwrap_or_default();
        let methods = self.iter().map(|route| route.method().as_str().len()).max().unwrap_or_default();
        for (route, place) in self.iter().zip(places) {
            writeln!(f, "{:methods$}  {place:widest$}  {}", route.method().as_str(), route.access)?;
        }
        Ok(())
    }
}
