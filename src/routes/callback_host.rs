//! Which of the app's callbacks a sign-in returns to, and at which host it has to begin.

use rocket::http::Method;
use rocket::request::Request;

use crate::app::SignInParts;
use crate::config::RedirectUrl;
use crate::http::{is_loopback, pairs};

/// Marks a login that has been moved to the callback's name, so that it is moved once.
const MOVED: &str = "moved";

/// The callback at the host that the request names, if the settings have one there.
pub(super) fn callback_here<'c>(request: &Request<'_>, parts: &'c SignInParts) -> Option<&'c str> {
    let here = request.host().and_then(|host| {
        let is_here = |url: &&RedirectUrl| url.is_at(host.domain().as_str(), host.port());
        parts.redirect_urls.iter().find(is_here)
    });
    here.or_else(|| parts.redirect_urls.first()).map(|url| url.text.as_str())
}

/// Whether the request names the host of one of the app's callbacks.
pub(super) fn is_at_callback_host(request: &Request<'_>, parts: &SignInParts) -> bool {
    let here = request.host().map(|host| host.domain().as_str());
    here.is_some_and(|here| parts.redirect_urls.iter().any(|url| url.host.eq_ignore_ascii_case(here)))
}

/// `http://127.0.0.1:8000` and `http://localhost:8000` are one app but two cookie jars, and so are the hosts of
/// `accepted_redirect_urls`: a login begun at another host than the callback's would lose its cookie. Behind a
/// proxy that rewrites `Host` the name never changes, hence the mark.
pub(super) fn same_page_at_the_callbacks_host(
    request: &Request<'_>,
    parts: &SignInParts,
    redirect_url: &str,
) -> Option<String> {
    let urls = &parts.redirect_urls;
    let callback = urls.iter().find(|url| url.text == redirect_url)?;
    let here = request.host()?.domain().as_str();
    let is_ours =
        urls.iter().any(|url| url.host == here) || (is_loopback(&callback.host) && is_loopback(here));
    // A form would lose its fields on the way.
    let is_page = matches!(request.method(), Method::Get | Method::Head);
    let query = request.uri().query().map_or("", |query| query.as_str());
    let is_moved = pairs(query).flatten().any(|(name, _)| name == MOVED);
    if callback.host == here || !is_ours || !is_page || is_moved {
        return None;
    }
    let more = if query.is_empty() { String::new() } else { format!("&{query}") };
    let (origin, prefix) = (&callback.origin, &parts.settings.public_prefix);
    Some(format!("{origin}{prefix}{}?{MOVED}=1{more}", request.uri().path()))
}
