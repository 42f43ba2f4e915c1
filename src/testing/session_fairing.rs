//! How a request of a test gets its session, and what the answer does to it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Cookie, Header};
use rocket::{Data, Request, Response};

use super::pool_handle::PoolHandle;
use super::session::Session;
use crate::app::App;
use crate::http::headers;

/// The session that a request carries.
#[derive(Default)]
struct Carried(Mutex<Option<Session>>);

pub(super) fn carried<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Option<Session>> {
    request.local_cache(Carried::default).0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds sessions to requests. One is issued when its request is under way, since a store may be asked for it.
pub(super) struct SessionFairing(pub(super) PoolHandle);

impl SessionFairing {
    /// A client that tracks cookies gives them to every request, and this one is of nobody.
    fn leave_out_sessions(&self, request: &mut Request<'_>) {
        let is_of_session = |cookie: &Cookie<'_>| self.0.has_noted(cookie);
        if headers::has(request.headers(), "Cookie") || !request.cookies().iter().any(is_of_session) {
            return;
        }
        let rest = request.cookies().iter().filter(|cookie| !is_of_session(cookie));
        let rest = rest.map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>();
        // Where there is this header, it alone counts.
        request.replace_header(Header::new("Cookie", rest.join("; ")));
    }
}

#[rocket::async_trait]
impl Fairing for SessionFairing {
    fn info(&self) -> Info {
        Info { name: "Cognito test sessions", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let session = carried(request).clone();
        match session {
            Some(session) => session.add_to(request).await,
            None => self.leave_out_sessions(request),
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let session = carried(request).clone();
        let app = App::of(request.rocket());
        let (Some(session), Some(app)) = (session, app) else { return };
        let Some(parts) = &app.sign_in else { return };
        let headers = || response.headers().get("Set-Cookie").map(str::to_owned);
        // In a client's jar they are decoded.
        let tracked = headers().filter_map(|text| Cookie::parse_encoded(text).ok());
        self.0.note(tracked.filter(|cookie| parts.sessions.is_cookie(cookie.name())));
        let cookies: Vec<Cookie<'static>> = headers().filter_map(|text| Cookie::parse(text).ok()).collect();
        session.keep(cookies.iter(), app, parts);
    }
}
