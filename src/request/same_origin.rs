//! Whether a request provably comes from this site.

use rocket::Request;

use crate::app::App;
use crate::http::{headers, is_unsafe};

/// Whether another site may have caused this request: it changes something or opens a WebSocket, and
/// neither `Sec-Fetch-Site` nor `Origin` proves that it comes from here.
pub(crate) fn may_be_cross_site(request: &Request<'_>, app: &App) -> bool {
    let mut protocols = headers::values(request.headers(), "Upgrade").flat_map(|header| header.split(','));
    let upgrade = protocols.any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"));
    (is_unsafe(request) || upgrade) && !is_same_origin(request, app)
}

/// Proof that this site's own pages, or the person at the address bar, made the request. Disabled mode has nobody
/// to protect, and may not know its own origin.
pub(crate) fn is_same_origin(request: &Request<'_>, app: &App) -> bool {
    let only = |name| headers::only(request.headers(), name);
    match request.headers().contains("Sec-Fetch-Site") {
        _ if app.is_disabled() => true,
        true => only("Sec-Fetch-Site").is_some_and(|site| matches!(site, "same-origin" | "none")),
        false => only("Origin").is_some_and(|origin| {
            app.sign_in.iter().flat_map(|parts| &parts.redirect_urls).any(|url| url.origin == origin)
        }),
    }
}
