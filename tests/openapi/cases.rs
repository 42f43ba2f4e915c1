//! Guards of every kind, each before a route of its own.

use std::collections::BTreeSet;

use rocket::data::Data;
use rocket::http::Method;
use rocket::request::FromRequest;
use rocket::route::{Handler, Outcome};
use rocket::{Request, Route, Sentinel, get, post, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::openapi::{Asks, Describe, responses};
use rocket_cognito::policy::{All, Fresh, Level, Scopes};
use rocket_cognito::{
    Authorized, BearerOnly, Caller, CognitoUser, CurrentUser, Denial, InGroups, LoadUser, Machine, OrForward,
    PersonOrAgent, Refresh, SessionOnly, guarded,
};

use serde_json::Value;

use crate::api::{Admin, ReadOrders};

/// The header that says what becomes of loading an [`Account`].
pub const LOAD: &str = "x-load";

/// A user whom the app does not know, or cannot load where the request says so.
pub struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
        match request.headers().get_one(LOAD) {
            Some("fails") => Err("the database is down".into()),
            _ => Ok(None),
        }
    }
}

/// A guard, and the routes that it stands before.
pub struct Case {
    pub path: String,
    pub asks: Vec<Asks>,
    /// Its refusals, as a document has them.
    pub responses: Value,
    pub routes: Vec<Route>,
}

impl Case {
    /// Statuses and codes that the guard says it may answer with.
    pub fn codes(&self) -> BTreeSet<(u16, String)> {
        let codes = self.asks.iter().flat_map(Asks::codes);
        codes.map(|(status, code)| (status.code, code.to_owned())).collect()
    }

    /// Statuses and headers that the document has.
    pub fn headers(&self) -> BTreeSet<(u16, String)> {
        let statuses = self.responses.as_object().unwrap().iter();
        let headers = statuses.filter_map(|(status, response)| Some((status, response.get("headers")?)));
        let headers = headers.flat_map(|(status, headers)| {
            headers
                .as_object()
                .unwrap()
                .keys()
                .map(|name| (status.parse().unwrap(), name.to_ascii_lowercase()))
        });
        headers.collect()
    }
}

/// A handler that a request gets through to.
#[derive(Clone)]
struct Done;

#[rocket::async_trait]
impl Handler for Done {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        Outcome::from(request, "done")
    }
}

fn case<G>(name: &str) -> Case
where
    G: Describe + for<'r> FromRequest<'r, Error = Denial> + Sentinel + 'static,
{
    let path = format!("/{name}");
    let route = |rank, method| Route::ranked(rank, method, &path, Done);
    let mut routes = guarded::<G>([Method::Get, Method::Post].map(|method| route(1, method)));
    // What a guard passes on arrives here.
    routes.extend([Method::Get, Method::Post].map(|method| route(2, method)));
    described::<G>(&path, routes)
}

fn described<G: Describe>(path: &str, routes: Vec<Route>) -> Case {
    Case { path: path.to_owned(), asks: G::asks(), responses: responses::<G>(), routes }
}

macro_rules! cases {
    ($($Guard:ty),+ $(,)?) => {
        // A path has no angle brackets.
        vec![$(case::<$Guard>(&stringify!($Guard).replace(['<', '>', '(', ')', ',', ' '], "-"))),+]
    };
}

/// Guards that take tokens, maybe beside sessions.
pub fn of_tokens() -> Vec<Case> {
    let mut cases = cases![
        CognitoUser,
        Machine,
        Caller,
        PersonOrAgent,
        BearerOnly<Authorized<Scopes<(ReadOrders,)>, PersonOrAgent>>,
        InGroups<Admin>,
        Authorized<Fresh<900>>,
        Authorized<All<(Level<3>, Fresh<900>)>>,
        Authorized<Scopes<(ReadOrders,)>, Machine>,
        BearerOnly,
        BearerOnly<Machine>,
        BearerOnly<Authorized<Scopes<(ReadOrders,)>, Caller>>,
        CurrentUser<Account>,
        CurrentUser<Account, BearerOnly>,
        OrForward<CurrentUser<Account, InGroups<Admin>>>,
        BearerOnly<OrForward<InGroups<Admin>>>,
        OrForward<BearerOnly>,
    ];
    cases.extend(in_signatures());
    cases
}

/// Guards that take sessions alone.
pub fn of_sessions() -> Vec<Case> {
    cases![
        SessionOnly,
        SessionOnly<InGroups<Admin>>,
        SessionOnly<Machine>,
        SessionOnly<CurrentUser<Account>>,
        SessionOnly<OrForward<CognitoUser>>,
        OrForward<SessionOnly>,
        Refresh,
        SessionOnly<Refresh>,
        BearerOnly<Refresh>,
        BearerOnly<SessionOnly>,
        SessionOnly<BearerOnly>,
    ]
}

#[get("/borrowed")]
fn get_borrowed(_user: &CognitoUser) {}

#[post("/borrowed")]
fn post_borrowed(_user: &CognitoUser) {}

#[get("/option")]
fn get_option(_user: Option<CognitoUser>) {}

#[post("/option")]
fn post_option(_user: Option<CognitoUser>) {}

#[get("/result")]
fn get_result(user: Result<CognitoUser, Denial>) -> Result<(), Denial> {
    user.map(drop)
}

#[post("/result")]
fn post_result(user: Result<CognitoUser, Denial>) -> Result<(), Denial> {
    user.map(drop)
}

#[get("/both")]
fn get_both(_user: CognitoUser, _admin: InGroups<Admin>) {}

#[post("/both")]
fn post_both(_user: CognitoUser, _admin: InGroups<Admin>) {}

/// Those that stand before no routes that are there already.
fn in_signatures() -> Vec<Case> {
    vec![
        described::<&CognitoUser>("/borrowed", routes![get_borrowed, post_borrowed]),
        described::<Option<CognitoUser>>("/option", routes![get_option, post_option]),
        described::<Result<CognitoUser, Denial>>("/result", routes![get_result, post_result]),
        described::<(CognitoUser, InGroups<Admin>)>("/both", routes![get_both, post_both]),
    ]
}
