//! The routes that the fairing mounts: login, callback, refresh and logout.

use std::sync::Arc;

use rocket::data::Data;
use rocket::http::Method;
use rocket::request::Request;
use rocket::route::{Handler, Outcome, Route};
use serde_json::json;

use crate::answer::{Answer, is_script};
use crate::callback::complete_and_ask;
use crate::config::{Settings, is_loopback};
use crate::core::Core;
use crate::credential::{is_same_origin, only};
use crate::denial::Kind;
use crate::oauth::{LoginHints, MAX_AGE, StateHash};
use crate::query::{BadQuery, Query};
use crate::refresh::refresh;
use crate::request_state::RequestState;
use crate::session_change::SessionChange;

/// How many sign-ins one browser may have under way; beyond it the oldest gives way.
const MAX_ATTEMPTS: usize = 5;
/// A flood of login cookies is cleared over several answers, rather than by one of megabytes.
const MAX_REMOVALS: usize = 16;
const MAX_HINT_BYTES: usize = 256;
/// Marks a login that has been moved to the callback's name, so that it is moved once.
const MOVED: &str = "moved";

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

/// Begins a sign-in: one sealed cookie, and a redirect to the pool.
fn login(request: &Request<'_>, core: &Core) -> Result<Answer, Kind> {
    let raw = request.uri().query().map_or("", |query| query.as_str());
    let bad = |_: BadQuery| Kind::BadLogin;
    let query = Query::parse(raw).map_err(bad)?;
    if query.one(MOVED).map_err(bad)?.is_none()
        && let Some(elsewhere) = same_page_under_the_callbacks_name(request, core, raw)
    {
        return Ok(Answer::SeeOther(elsewhere));
    }
    let next = query.one("next").map_err(bad)?.map(|next| core.landing(Some(next)).to_owned());
    let mut hints = LoginHints::default();
    for name in LoginHints::ALLOWED {
        if let Some(value) = query.one(name).map_err(bad)?.filter(|value| !value.is_empty()) {
            if value.len() > MAX_HINT_BYTES || value.chars().any(char::is_control) {
                return Err(Kind::BadLogin);
            }
            hints.0.push((name, value.to_owned()));
        }
    }

    let now = core.clock.now();
    let mut attempt = core.attempts.begin(next, core.clock.now_in_milliseconds());
    let sealed = core.attempts.seal(&mut attempt).ok_or(Kind::PoolUnavailable)?;
    let hash = StateHash::of(attempt.state());
    let state = RequestState::of(request);
    state.write_cookies(
        surplus_attempts(request, core, now).into_iter().map(|name| core.cookies.remove_login(name)),
    );
    state.write_cookies([core.cookies.login(&hash, sealed, MAX_AGE)]);
    Ok(Answer::SeeOther(core.client.authorize_url(&attempt, &hints)))
}

/// The login cookies that must go to make room for one more: unreadable ones, then the oldest.
fn surplus_attempts(request: &Request<'_>, core: &Core, now: u64) -> Vec<String> {
    let sent = core.cookies.sent(request);
    let started_at = |sealed: Option<&str>| {
        let attempt = sealed.and_then(|sealed| core.attempts.open(sealed, now).ok());
        attempt.map_or(0, |attempt| attempt.started_at)
    };
    let mut attempts: Vec<_> =
        core.cookies.logins(&sent).map(|(name, sealed)| (started_at(sealed), name.to_owned())).collect();
    attempts.sort();
    let surplus = (attempts.len() + 1).saturating_sub(MAX_ATTEMPTS).min(MAX_REMOVALS);
    attempts.into_iter().take(surplus).map(|(_, name)| name).collect()
}

/// `http://127.0.0.1:8000` and `http://localhost:8000` are one app but two cookie jars: a login begun
/// under the other name than the callback's would lose its cookie. Behind a proxy that rewrites `Host`
/// the name never changes, hence the mark.
fn same_page_under_the_callbacks_name(request: &Request<'_>, core: &Core, query: &str) -> Option<String> {
    let origin = &core.settings.origin;
    let ours = host_name(origin.split_once("://")?.1);
    let theirs = request.host()?.domain().as_str();
    let differ = is_loopback(ours) && is_loopback(theirs) && ours != theirs;
    let more = if query.is_empty() { String::new() } else { format!("&{query}") };
    differ.then(|| format!("{origin}{}/login?{MOVED}=1{more}", core.public_mount()))
}

/// A host without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
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
