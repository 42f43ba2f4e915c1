//! The parts of the app that the routes of a sign-in work with.

use std::sync::Arc;

use rocket::Request;

use crate::app::{App, SignInParts};
use crate::denial::Reason;
use crate::oauth::Endpoints;
use crate::request::check_host;
use crate::telemetry::{Event, emit};

/// The app, and its parts for signing in. The sentinels stop a launch without them; this serves types that Rocket cannot
/// see into.
pub(super) fn parts_of<'r>(request: &'r Request<'_>) -> Result<(&'r Arc<App>, &'r SignInParts), Reason> {
    let app = App::of(request.rocket()).ok_or(Reason::SignInMisconfigured)?;
    let parts = app.sign_in.as_ref().ok_or_else(|| {
        emit(Event::SignInNotConfigured);
        Reason::SignInMisconfigured
    })?;
    check_host(request, app)?;
    Ok((app, parts))
}

/// The pool's endpoints, which an app in which people sign in has.
pub(super) fn endpoints(app: &App) -> Result<&Arc<Endpoints>, Reason> {
    app.pool.endpoints().ok_or(Reason::SignInMisconfigured)
}
