//! How a request of a test gets its session, and what the answer does to it: the fairing calls it.

use rocket::http::{Cookie, Header};
use rocket::{Request, Response};

use super::carried::carried;
use super::pool_handle::PoolHandle;
use super::test_pool::TestPool;
use crate::app::App;
use crate::http::headers;

/// Adds the session to `request` that it carries. It is issued when its first request is under way, since a store may be
/// asked for it.
pub(crate) async fn add_session(request: &mut Request<'_>) {
    let Some(pool) = request.rocket().state::<TestPool>() else { return };
    let session = carried(request).clone();
    match session {
        Some((session, asked_at)) => session.add_to(request, asked_at).await,
        None => leave_out_sessions(pool.handle(), request),
    }
}

/// A client that tracks cookies gives them to every request, and this one is of nobody.
fn leave_out_sessions(pool: &PoolHandle, request: &mut Request<'_>) {
    let is_of_session = |cookie: &Cookie<'_>| pool.has_noted(cookie);
    if headers::has(request.headers(), "Cookie") || !request.cookies().iter().any(is_of_session) {
        return;
    }
    let rest = request.cookies().iter().filter(|cookie| !is_of_session(cookie));
    let rest = rest.map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>();
    // Where there is this header, nothing else is read.
    request.replace_header(Header::new("Cookie", rest.join("; ")));
}

/// Keeps what the answer does to the session that its request carries.
pub(crate) fn keep_session(request: &Request<'_>, response: &Response<'_>) {
    let rocket = request.rocket();
    let (Some(pool), Some(app)) = (rocket.state::<TestPool>(), App::of(rocket)) else { return };
    let (Some((session, _)), Some(parts)) = (carried(request).clone(), &app.sign_in) else { return };
    let headers = || response.headers().get("Set-Cookie").map(str::to_owned);
    // In a client's jar they are decoded.
    let tracked = headers().filter_map(|text| Cookie::parse_encoded(text).ok());
    pool.handle().note(tracked.filter(|cookie| parts.sessions.is_cookie(cookie.name())));
    let cookies: Vec<Cookie<'static>> = headers().filter_map(|text| Cookie::parse(text).ok()).collect();
    session.keep(cookies.iter(), app, parts);
}
