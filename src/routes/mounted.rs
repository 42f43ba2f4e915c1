//! The routes that the fairing mounts: login, callback, refresh and logout.

use std::sync::Arc;

use super::answer::RouteResponse;
use super::callback::complete_and_ask;
use super::login::Login;
use super::logout::logout;
use super::refresh::refresh;
use crate::app::App;
use crate::config::Settings;
use crate::denial::Reason;
use crate::http::{BadQuery, Query};
use crate::oauth::HINTS;
use crate::request::RequestState;
use rocket::data::Data;
use rocket::http::Method;
use rocket::request::Request;
use rocket::route::{Handler, Outcome, Route};

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

#[derive(Clone)]
struct OwnRoute {
    app: Arc<App>,
    endpoint: Endpoint,
}

/// The routes that the settings ask for, with their full paths, to be mounted at `/`.
pub(crate) fn routes(app: &Arc<App>) -> Vec<Route> {
    let route = |name, method, path: &str, endpoint| {
        let mut route = Route::new(method, path, OwnRoute { app: Arc::clone(app), endpoint });
        route.name = Some(format!("cognito {name}").into());
        route
    };
    let Settings { mount, callback_path: callback, routes: on, .. } = &*app.settings;
    let refreshes = on.refresh && app.settings.refresh_flow_enabled;
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
    all.into_iter().filter(|(on, _)| *on).map(|(_, route)| route).collect()
}

#[rocket::async_trait]
impl Handler for OwnRoute {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        RequestState::of(request).set_own_route();
        let answer = match self.endpoint {
            Endpoint::Login => login(request, &self.app),
            Endpoint::Callback => {
                complete_and_ask(request, &self.app).await.map(|path| RouteResponse::SeeOther(path))
            }
            Endpoint::GetOnly => Err(Reason::GetOnly),
            Endpoint::PostOnly => Err(Reason::PostOnly),
            Endpoint::Refresh => refresh(request, &self.app).await,
            Endpoint::Logout => logout(request, &self.app).await,
        };
        Outcome::from(request, answer.unwrap_or_else(|reason| RouteResponse::refused(request, reason)))
    }
}

/// Begins a sign-in as the query asks: `next`, and what a visitor may ask of the pool.
fn login(request: &Request<'_>, app: &App) -> Result<RouteResponse, Reason> {
    let bad = |_: BadQuery| Reason::BadLogin;
    let query = Query::parse(request.uri().query().map_or("", |query| query.as_str())).map_err(bad)?;
    let mut login = Login::new().next(query.one("next").map_err(bad)?);
    for name in HINTS {
        login = login.hint(name, query.one(name).map_err(bad)?);
    }
    login.begin(request, app)
}
