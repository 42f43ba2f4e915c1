//! Visitors who are not signed in, and whom no catcher sends to the sign-in.

use rocket::http::{Method, Status};
use rocket::{Orbit, Request, Response, Rocket};

use crate::app::App;
use crate::http::{headers, is_navigation};
use crate::routes::{is_caught, name_of};
use crate::telemetry::{Event, emit};

/// Reports an app with guards and no catcher for 401 at any of its own routes. Where only some of these have one, nobody
/// knows at the launch which are guarded. A guard in an `Option` counts too: Rocket asks both alike.
pub(super) fn report_at_launch(rocket: &Rocket<Orbit>, app: &App) {
    let mut own = rocket.routes().filter(|route| name_of(route).is_none()).peekable();
    let is_uncaught = own.peek().is_some()
        && own.all(|route| !is_caught(rocket, route.uri.base.path(), Status::Unauthorized));
    if app.sign_in.is_some() && app.has_guards() && is_uncaught {
        emit(Event::UnauthorizedUncaught { base: None });
    }
}

/// Reports that a browser which a guard would send to the sign-in has met no catcher.
pub(super) fn report(request: &Request<'_>, response: &Response<'_>) {
    let is_page = matches!(request.method(), Method::Get | Method::Head) && is_navigation(request);
    // With a challenge the app has answered by itself.
    if is_page
        && !headers::has(response.headers(), "WWW-Authenticate")
        && !is_caught(request.rocket(), request.uri().path(), Status::Unauthorized)
    {
        emit(Event::UnauthorizedUncaught { base: request.route().map(|route| route.uri.base()) });
    }
}
