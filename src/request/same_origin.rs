//! Whether a request provably comes from this site.

use rocket::Request;

use crate::app::App;
use crate::config::parse_origin;
use crate::denial::Reason;
use crate::http::{headers, is_unsafe};
use crate::telemetry::{Event, emit};

/// Whether another site may have caused this request: it changes something or opens a WebSocket, and
/// neither `Sec-Fetch-Site` nor `Origin` proves that it comes from here.
pub(crate) fn may_be_cross_site(request: &Request<'_>, app: &App) -> bool {
    let mut protocols = headers::values(request.headers(), "Upgrade").flat_map(|header| header.split(','));
    let upgrade = protocols.any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"));
    (is_unsafe(request) || upgrade) && !is_same_origin(request, app)
}

/// Proof that this site's own pages, those of `trusted_origins`, or the person at the address bar made the request.
pub(crate) fn is_same_origin(request: &Request<'_>, app: &App) -> bool {
    let only = |name| headers::only(request.headers(), name);
    only("Sec-Fetch-Site").is_some_and(|site| matches!(site, "same-origin" | "none"))
        || only("Origin")
            .is_some_and(|origin| is_trusted(origin, app) || is_host_of_disabled(origin, request, app))
}

/// Whether this is the origin of the host that the request names: an app in disabled mode may not know its own, and has
/// judged the host.
fn is_host_of_disabled(origin: &str, request: &Request<'_>, app: &App) -> bool {
    let named = || origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let is_named =
        |named: &str| request.host().is_some_and(|host| named.eq_ignore_ascii_case(&host.to_string()));
    app.is_disabled() && named().is_some_and(is_named)
}

/// Whether the settings name this origin.
fn is_trusted(origin: &str, app: &App) -> bool {
    let callbacks = app.sign_in.iter().flat_map(|parts| &parts.redirect_urls);
    callbacks.map(|url| &url.origin).chain(&app.settings.trusted_origins).any(|trusted| trusted == origin)
}

/// Reports a request that is refused for lack of such proof, and returns why.
pub(crate) fn cross_site(request: &Request<'_>) -> Reason {
    let origin = headers::only(request.headers(), "Origin").and_then(|origin| parse_origin(origin).ok());
    emit(Event::CrossSiteRefused { origin: origin.as_deref() });
    Reason::CrossSite
}
