//! An app with a pool of the test's own, and one whose pool has no keys.

use rocket::http::Header;
use rocket::{Build, Request, Responder, Rocket, get, post, routes};
use rocket_cognito::hooks::{AppResult, HookDecision};
use rocket_cognito::policy::{Fresh, Level};
use rocket_cognito::store::{SessionStore, StoreError};
use rocket_cognito::{
    Authorized, BearerOnly, Cognito, CognitoUser, CurrentUser, LoadUser, Machine, SessionOnly,
};

use crate::support::app;
use crate::support::forge::{Key, access_claims};
use crate::support::pool::Pool;
use crate::support::rig::endpoints;
use crate::support::server::Server;
use crate::support::store::OutOfReach;
use crate::support::{figment, settings};

/// Where sign-ins lead that the app refuses, or fails at.
pub const REFUSED: &str = "/refused-by-the-app";
pub const FAILED: &str = "/failed-by-the-app";

pub struct Site {
    pub pool: Pool,
    pub app: Server,
    pub keyless: Server,
    /// In disabled mode.
    pub disabled: Server,
}

#[derive(Responder)]
struct Cached {
    body: &'static str,
    cache_control: Header<'static>,
}

#[get("/cached")]
fn cached(_user: CognitoUser) -> Cached {
    Cached { body: "", cache_control: Header::new("Cache-Control", "private, max-age=60") }
}

#[get("/plain")]
fn plain() {}

#[get("/strong")]
fn strong(_user: Authorized<Level<3>>) {}

#[get("/safe")]
fn safe(_user: Authorized<Fresh<900>>) {}

#[get("/for-tokens")]
fn for_tokens(_user: BearerOnly) {}

#[get("/for-sessions")]
fn for_sessions(_user: SessionOnly) {}

#[get("/for-machines")]
fn for_machines(_machine: Machine) {}

#[post("/change")]
fn change(_user: CognitoUser) {}

/// A user whom this app does not know, or cannot load.
struct Account<const IS_DOWN: bool>;

#[rocket::async_trait]
impl<const IS_DOWN: bool> LoadUser for Account<IS_DOWN> {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        if IS_DOWN { Err("the database is down".into()) } else { Ok(None) }
    }
}

#[get("/unknown")]
fn unknown(_account: CurrentUser<Account<false>>) {}

#[get("/not-loaded")]
fn not_loaded(_account: CurrentUser<Account<true>>) {}

/// A page about sessions, whose store is out of reach.
#[get("/sessions")]
async fn sessions() -> Result<(), StoreError> {
    OutOfReach.check().await
}

/// The routes of the flow's app, and some more, with the crate's own catchers.
pub fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    without_catchers(rocket).register("/", rocket_cognito::catchers())
}

/// The same with Rocket's catchers.
pub fn without_catchers(rocket: Rocket<Build>) -> Rocket<Build> {
    let hooked = Cognito::fairing().on_login(|_, login| {
        Box::pin(async move {
            match login.next() {
                REFUSED => Ok(HookDecision::Refuse),
                FAILED => Err("the database is down")?,
                _ => Ok(HookDecision::Proceed),
            }
        })
    });
    app::with_routes(rocket)
        .attach(hooked)
        .mount("/", routes![cached, plain, safe, strong, change, unknown, not_loaded])
        .mount("/", routes![for_tokens, for_sessions, for_machines, sessions])
}

impl Site {
    pub async fn start(build: impl Fn(Rocket<Build>) -> Rocket<Build>) -> Self {
        let pool = Pool::start(endpoints()).await;
        let app = pool.serve(&build).await;
        let keyless = Server::start(settings("http://127.0.0.1:9/jwks.json"), &build).await;
        let disabled = Server::start(figment().merge(("cognito.disabled", true)), build).await;
        Site { pool, app, keyless, disabled }
    }

    pub fn url(&self, path: &str) -> String {
        self.app.url(path)
    }
}

/// A token that no pool has signed.
pub fn foreign_token() -> String {
    Key::new("foreign").token(&access_claims())
}
