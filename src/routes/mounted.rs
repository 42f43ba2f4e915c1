//! The routes that the fairing mounts: login, callback, refresh and logout.

use rocket::data::Data;
use rocket::http::Method;
use rocket::request::Request;
use rocket::route::{Handler, Outcome, Route};

use super::answer::RouteResponse;
use super::callback::complete_and_ask;
use super::login::Login;
use super::logout::logout;
use super::parts::parts_of;
use super::refresh::refresh;
use super::resource_metadata::resource_routes;
use crate::app::{App, SignInParts};
use crate::config::SignInSettings;
use crate::denial::Reason;
use crate::http::{BadQuery, Query};
use crate::oauth::HINTS;
use crate::request::RequestState;

/// The page of the pool to begin on, by the parameter of this name.
const SCREEN: &str = "screen";

#[derive(Clone)]
enum Endpoint {
    Login,
    Callback,
    Refresh,
    Logout,
    /// Rocket would answer HEAD with the GET routes: a link scanner would burn a code or end a session.
    GetOnly,
    PostOnly,
}

/// What our routes are called: this and what they do.
const NAME: &str = "cognito ";

/// What `route` is called in the setting `routes`, if the fairing has mounted it.
pub(crate) fn name_of(route: &Route) -> Option<&str> {
    route.name.as_deref()?.strip_prefix(NAME)
}

/// The routes that the settings ask for, with their full paths, to be mounted at `/`.
pub(crate) fn routes(app: &App) -> Vec<Route> {
    let route = |name, method, path: &str, endpoint| {
        let mut route = Route::new(method, path, endpoint);
        route.name = Some(format!("{NAME}{name}").into());
        route
    };
    let Some(parts) = &app.sign_in else { return resource_routes(app) };
    let SignInSettings { mount, callback_path: callback, routes: on, .. } = &parts.settings;
    let refreshes = on.refresh && app.settings.session.refresh_flow_enabled;
    let [login, refresh, logout] = ["login", "refresh", "logout"].map(|name| format!("{mount}/{name}"));
    let all = [
        (on.login, route("login", Method::Get, &login, Endpoint::Login)),
        (on.callback, route("callback", Method::Get, callback, Endpoint::Callback)),
        (on.callback, route("callback", Method::Head, callback, Endpoint::GetOnly)),
        (refreshes, route("refresh", Method::Post, &refresh, Endpoint::Refresh)),
        (refreshes, route("refresh", Method::Get, &refresh, Endpoint::PostOnly)),
        (refreshes, route("refresh", Method::Head, &refresh, Endpoint::PostOnly)),
        (on.logout, route("logout", Method::Post, &logout, Endpoint::Logout)),
        (on.logout, route("logout", Method::Get, &logout, Endpoint::Logout)),
        (on.logout, route("logout", Method::Head, &logout, Endpoint::PostOnly)),
    ];
    all.into_iter().filter(|(on, _)| *on).map(|(_, route)| route).chain(resource_routes(app)).collect()
}

#[rocket::async_trait]
impl Handler for Endpoint {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        RequestState::of(request).set_own_route();
        let answer = match parts_of(request) {
            Ok((app, parts)) => self.answer(request, app, parts).await,
            Err(reason) => Err(reason),
        };
        Outcome::from(request, answer.unwrap_or_else(|reason| RouteResponse::refused(request, reason)))
    }
}

impl Endpoint {
    async fn answer(
        &self,
        request: &Request<'_>,
        app: &App,
        parts: &SignInParts,
    ) -> Result<RouteResponse, Reason> {
        match self {
            Endpoint::Login => login(request, app, parts),
            Endpoint::Callback => complete_and_ask(request, app, parts).await.map(RouteResponse::SeeOther),
            Endpoint::GetOnly => Err(Reason::GetOnly),
            Endpoint::PostOnly => Err(Reason::PostOnly),
            Endpoint::Refresh => refresh(request, app, parts).await,
            Endpoint::Logout => logout(request, app, parts).await,
        }
    }
}

/// Begins a sign-in as the query asks: `next`, and what a visitor may ask of the pool.
fn login(request: &Request<'_>, app: &App, parts: &SignInParts) -> Result<RouteResponse, Reason> {
    let bad = |_: BadQuery| Reason::BadLogin;
    let query = Query::parse(request.uri().query().map_or("", |query| query.as_str())).map_err(bad)?;
    let mut login = Login::new().next(query.one("next").map_err(bad)?);
    for name in HINTS {
        login = login.hint(name, query.one(name).map_err(bad)?);
    }
    login = match query.one(SCREEN).map_err(bad)? {
        None => login,
        Some("signup") => login.sign_up(),
        Some(_) => return Err(Reason::BadLogin),
    };
    login.begin(request, app, parts)
}
