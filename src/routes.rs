//! The routes that the fairing mounts: login, callback, refresh and logout.

use std::sync::Arc;

use rocket::data::Data;
use rocket::http::Method;
use rocket::request::Request;
use rocket::route::{Handler, Outcome, Route};
use serde_json::json;

use crate::answer::{Answer, is_script};
use crate::callback::complete_and_ask;
use crate::config::Settings;
use crate::core::Core;
use crate::credential::{is_same_origin, only};
use crate::denial::Kind;
use crate::login::{Login, MAX_ATTEMPTS};
use crate::oauth::{HINTS, StateHash};
use crate::query::{BadQuery, Query};
use crate::refresh::refresh;
use crate::request_state::RequestState;
use crate::session_change::SessionChange;

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
    core: Arc<Core>,
    endpoint: Endpoint,
}

/// All routes with their full paths, to be mounted at `/`.
pub(crate) fn routes(core: &Arc<Core>) -> Vec<Route> {
    let route = |name, method, path: &str, endpoint| {
        let mut route = Route::new(method, path, OwnRoute { core: Arc::clone(core), endpoint });
        route.name = Some(format!("cognito {name}").into());
        route
    };
    let Settings { mount, callback_path: callback, .. } = &core.settings;
    let [login, refresh, logout] = ["login", "refresh", "logout"].map(|name| format!("{mount}/{name}"));
    let mut routes = vec![
        route("login", Method::Get, &login, Endpoint::Login),
        route("callback", Method::Get, callback, Endpoint::Callback),
        route("callback", Method::Head, callback, Endpoint::GetOnly),
        route("logout", Method::Post, &logout, Endpoint::Logout),
        route("logout", Method::Get, &logout, Endpoint::Logout),
        route("logout", Method::Head, &logout, Endpoint::PostOnly),
    ];
    if core.settings.refresh_flow_enabled {
        routes.push(route("refresh", Method::Post, &refresh, Endpoint::Refresh));
        routes.extend(
            [Method::Get, Method::Head].map(|method| route("refresh", method, &refresh, Endpoint::PostOnly)),
        );
    }
    routes
}

#[rocket::async_trait]
impl Handler for OwnRoute {
    async fn handle<'r>(&self, request: &'r Request<'_>, _: Data<'r>) -> Outcome<'r> {
        RequestState::of(request).set_own_route();
        let answer = match self.endpoint {
            Endpoint::Login => login(request, &self.core),
            Endpoint::Callback => complete_and_ask(request, &self.core).await.map(Answer::SeeOther),
            Endpoint::GetOnly => Err(Kind::GetOnly),
            Endpoint::PostOnly => Err(Kind::PostOnly),
            Endpoint::Refresh => refresh(request, &self.core).await,
            Endpoint::Logout => logout(request, &self.core).await,
        };
        Outcome::from(request, answer.unwrap_or_else(|kind| Answer::refused(request, kind)))
    }
}

/// Begins a sign-in as the query asks: `next`, and what a visitor may ask of the pool.
fn login(request: &Request<'_>, core: &Core) -> Result<Answer, Kind> {
    let bad = |_: BadQuery| Kind::BadLogin;
    let query = Query::parse(request.uri().query().map_or("", |query| query.as_str())).map_err(bad)?;
    let mut login = Login::new().next(query.one("next").map_err(bad)?);
    for name in HINTS {
        login = login.hint(name, query.one(name).map_err(bad)?);
    }
    login.begin(request, core)
}

/// Signs out: here first, then at the pool, whatever the pool says.
async fn logout(request: &Request<'_>, core: &Arc<Core>) -> Result<Answer, Kind> {
    let post = request.method() == Method::Post;
    if post && !is_same_origin(request, core) {
        return Err(Kind::CrossSite);
    }
    if !post && !is_own_navigation(request) {
        return Err(Kind::PostOnly);
    }
    let sent = core.cookies.sent(request);
    let now = core.clock.now();
    let record = core.record(&sent);
    core.forget_sessions(&sent, record.as_ref());
    // Nor does a callback whose answer got lost sign in again; a sign-in that is under way elsewhere goes on.
    let logins = core.cookies.logins(&sent).filter_map(|(_, sealed)| sealed).take(MAX_ATTEMPTS);
    for attempt in logins.filter_map(|sealed| core.attempts.open(sealed, now).ok()) {
        core.exchanges.end_delivered(StateHash::of(attempt.state()));
    }
    RequestState::of(request).set_session(SessionChange::Ended);
    if let Some(revocation) = record.and_then(|record| core.end(&record)) {
        let _ = revocation.await;
    }
    let logout_url = core.client.logout_url();
    Ok(if is_script(request) {
        Answer::Json(json!({ "logout_url": logout_url }))
    } else {
        Answer::SeeOther(logout_url.to_owned())
    })
}

/// Whether the person at this browser is opening a page by a link of this site or by its address: not an
/// image, not another site, and not the browser itself ahead of its user.
fn is_own_navigation(request: &Request<'_>) -> bool {
    let is = |name, values: &[&str]| only(request, name).is_some_and(|value| values.contains(&value));
    is("Sec-Fetch-Site", &["same-origin", "none"])
        && is("Sec-Fetch-Mode", &["navigate"])
        && is("Sec-Fetch-Dest", &["document"])
        && !["Sec-Purpose", "Purpose", "X-Moz"].iter().any(|name| request.headers().contains(name))
}
