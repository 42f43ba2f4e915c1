//! What a request of a test can be given.

use rocket::http::Header;
use rocket::{Orbit, Rocket};

use super::app_facts::AppFacts;
use super::machine_client::MachineClient;
use super::misuse::misuse;
use super::person::Person;
use super::session::Session;
use super::test_pool::TestPool;
use crate::app::App;
use crate::config::BearerTokenUse;
use crate::token::uuid;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Person {}
    impl Sealed for super::MachineClient {}
    impl Sealed for super::Session {}
}

/// Whose token a request can carry: a [`Person`]'s or a [`MachineClient`]'s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no bearer token in a test",
    note = "a `Person` and a `MachineClient` have one; a session goes by `.signed_in(&session)`"
)]
pub trait BearerCredential: sealed::Sealed {
    /// A token that the app accepts as a bearer token: the access token, or the ID token where `bearer_token_use` is `id`.
    /// For requests that carry it in another place than the header.
    ///
    /// # Panics
    /// When the app has no [`TestPool`], or another one than the person.
    #[must_use]
    #[track_caller]
    fn bearer_token(&self, rocket: &Rocket<Orbit>) -> String;
}

/// Whose session a request can carry: a [`Session`], or that of a [`Person`] who signs in with this request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no session in a test",
    note = "a `Person` and a `Session` have one; a machine has a token: `.bearer(&machine)`"
)]
pub trait SignIn: sealed::Sealed {
    #[doc(hidden)]
    fn to_session(&self) -> Session;
}

impl BearerCredential for Person {
    fn bearer_token(&self, rocket: &Rocket<Orbit>) -> String {
        TestPool::check_is_of(rocket, self.pool());
        let app = app_of(rocket);
        let at = self.signs_in_at(app.clock.now());
        let minted = self.facts().tokens(&AppFacts::of(app), &uuid(), at, at);
        match app.settings.bearer.token_use {
            BearerTokenUse::Access | BearerTokenUse::Any => minted.access_token,
            BearerTokenUse::Id => minted.id_token.unwrap_or_else(|| {
                misuse("the app accepts ID tokens, and without the scope `openid` there is none")
            }),
        }
    }
}

impl BearerCredential for MachineClient {
    fn bearer_token(&self, rocket: &Rocket<Orbit>) -> String {
        self.access_token(app_of(rocket))
    }
}

impl SignIn for Person {
    fn to_session(&self) -> Session {
        self.session()
    }
}

impl SignIn for Session {
    fn to_session(&self) -> Session {
        self.clone()
    }
}

/// The header with the token of `by`, under the name and with the prefix that the app expects.
#[track_caller]
pub(super) fn bearer_header(rocket: &Rocket<Orbit>, by: &impl BearerCredential) -> Header<'static> {
    let (bearer, token) = (&app_of(rocket).settings.bearer, by.bearer_token(rocket));
    let separator = if bearer.prefix.is_empty() { "" } else { " " };
    Header::new(bearer.header.clone(), format!("{}{separator}{token}", bearer.prefix))
}

/// The parts of an app that has a pool.
#[track_caller]
fn app_of(rocket: &Rocket<Orbit>) -> &App {
    TestPool::of(rocket);
    match App::of(rocket) {
        Some(app) => app,
        None => misuse("the app has no `Cognito::fairing()`"),
    }
}
