//! How a request of a test gets its session, and what the answer does to it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Cookie;
use rocket::{Data, Request, Response};

use super::session::Session;
use crate::app::App;

/// The session that a request carries.
#[derive(Default)]
struct Carried(Mutex<Option<Session>>);

pub(super) fn carried<'r>(request: &'r Request<'_>) -> MutexGuard<'r, Option<Session>> {
    request.local_cache(Carried::default).0.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds sessions to requests. One is issued when its request is under way, since a store may be asked for it.
pub(super) struct SessionFairing;

#[rocket::async_trait]
impl Fairing for SessionFairing {
    fn info(&self) -> Info {
        Info { name: "Cognito test sessions", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let session = carried(request).clone();
        if let Some(session) = session {
            session.add_to(request).await;
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let session = carried(request).clone();
        let app = App::of(request.rocket());
        let (Some(session), Some(app)) = (session, app) else { return };
        let Some(parts) = &app.sign_in else { return };
        let headers = response.headers().get("Set-Cookie");
        let cookies: Vec<Cookie<'static>> =
            headers.filter_map(|text| Cookie::parse(text.to_owned()).ok()).collect();
        session.keep(cookies.iter(), app, parts);
    }
}
