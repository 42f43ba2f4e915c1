//! An API with guards of every kind, described by utoipa.

use rocket::local::blocking::Client;
use rocket::{Request, Route, get, post, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::openapi::Refusals;
use rocket_cognito::policy::{All, AnyScope, Fresh, Scope, Scopes};
use rocket_cognito::{
    Authorized, BearerOnly, Caller, Cognito, CognitoUser, CurrentUser, Denial, Group, InGroups, LoadUser,
    Machine, OrForward, Refresh, SessionOnly,
};
use serde_json::Value;
use utoipa::OpenApi as _;

use crate::support::forge::{JwksFile, Key};
use crate::support::settings;

pub struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

pub struct ReadOrders;
impl Scope for ReadOrders {
    const NAME: &'static str = "orders/read";
}

pub struct WriteOrders;
impl Scope for WriteOrders {
    const NAME: &'static str = "orders/write";
}

pub struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        Ok(Some(Account))
    }
}

pub type CanRead = Authorized<Scopes<(ReadOrders,)>, Caller>;
pub type CanWrite = Authorized<All<(Scopes<(ReadOrders, WriteOrders)>, Fresh<900>)>>;

#[utoipa::path(get, path = "/", responses((status = 200, description = "Done.")))]
#[get("/")]
fn index() {}

#[utoipa::path(get, path = "/home", responses((status = 200, description = "Done."), Refusals<Option<CognitoUser>>))]
#[get("/home")]
fn home(_user: Option<CognitoUser>) {}

#[utoipa::path(get, path = "/result", responses((status = 200, description = "Done."), Refusals<Result<CognitoUser, Denial>>))]
#[get("/result")]
fn result(user: Result<CognitoUser, Denial>) -> Result<(), Denial> {
    user.map(drop)
}

#[utoipa::path(get, path = "/me", responses((status = 200, description = "Done."), Refusals<&CognitoUser>))]
#[get("/me")]
fn me(_user: &CognitoUser) {}

// The path is Rocket's.
#[utoipa::path(responses((status = 200, description = "Done."), Refusals<CanRead>))]
#[get("/orders/<id>?<page>")]
fn order(_by: CanRead, id: u32, page: Option<u32>) {
    let _ = (id, page);
}

#[utoipa::path(post, path = "/orders", responses((status = 200, description = "Done."), Refusals<CanWrite>))]
#[post("/orders")]
fn create(_by: CanWrite) {}

#[utoipa::path(get, path = "/any", responses((status = 200, description = "Done."), Refusals<Authorized<AnyScope<(ReadOrders, WriteOrders)>>>))]
#[get("/any")]
fn any_scope(_by: Authorized<AnyScope<(ReadOrders, WriteOrders)>>) {}

#[utoipa::path(get, path = "/machine", responses((status = 200, description = "Done."), Refusals<Machine>))]
#[get("/machine")]
fn machine(_by: Machine) {}

#[utoipa::path(get, path = "/bearer", responses((status = 200, description = "Done."), Refusals<BearerOnly>))]
#[get("/bearer")]
fn bearer(_by: BearerOnly) {}

#[utoipa::path(get, path = "/session", responses((status = 200, description = "Done."), Refusals<SessionOnly<InGroups<Admin>>>))]
#[get("/session")]
fn session(_by: SessionOnly<InGroups<Admin>>) {}

#[utoipa::path(get, path = "/account", responses((status = 200, description = "Done."), Refusals<CurrentUser<Account>>))]
#[get("/account")]
fn account(_by: CurrentUser<Account>) {}

#[utoipa::path(get, path = "/desk", responses((status = 200, description = "Done."), Refusals<OrForward<InGroups<Admin>>>))]
#[get("/desk")]
fn desk(_by: OrForward<InGroups<Admin>>) {}

#[get("/desk", rank = 2)]
fn other_desk() {}

#[utoipa::path(post, path = "/refresh", responses((status = 200, description = "Done."), Refusals<Refresh>))]
#[post("/refresh")]
fn refresh(_session: Refresh) {}

#[utoipa::path(get, path = "/both", responses((status = 200, description = "Done."), Refusals<(InGroups<Admin>, SessionOnly, Option<Machine>)>))]
#[get("/both")]
fn both(_admin: InGroups<Admin>, _session: SessionOnly, _machine: Option<Machine>) {}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "An API with guards of every kind", version = "1"),
    paths(
        index, home, result, me, order, create, any_scope, machine, bearer, session, account, desk, refresh,
        both
    )
)]
pub struct Api;

/// Its routes.
pub fn handlers() -> Vec<Route> {
    routes![
        index, home, result, me, order, create, any_scope, machine, bearer, session, account, desk,
        other_desk, refresh, both
    ]
}

/// A launched app with these settings beside the usual ones; values are JSON, or else texts.
pub fn launch(changes: &[(&str, &str)], routes: Vec<Route>) -> Client {
    launch_at("/", changes, routes)
}

/// Launches an app with these settings, and with the routes below `base`.
pub fn launch_at(base: &str, changes: &[(&str, &str)], routes: Vec<Route>) -> Client {
    let jwks = JwksFile::new(&[&Key::new("k")]);
    let settings = settings(&jwks.uri()).merge(("cognito.refresh_flow_enabled", true));
    let settings = changes.iter().fold(settings, |settings, (key, value)| {
        let value: Value = value.parse().unwrap_or_else(|_| (*value).into());
        settings.merge((format!("cognito.{key}"), value))
    });
    Client::untracked(rocket::custom(settings).attach(Cognito::fairing()).mount(base, routes)).unwrap()
}

/// The document of the API, described by a launched app.
pub fn described(client: &Client) -> Value {
    let mut api = Api::openapi();
    Cognito::describe(client.rocket(), &mut api).unwrap();
    serde_json::to_value(&api).unwrap()
}
