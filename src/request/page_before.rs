//! The page of this site that a request was sent from, or is for.

use rocket::Request;

use crate::app::SignInParts;
use crate::http::{LocalPath, headers, is_htmx};
use crate::sign_in::MAX_NEXT_BYTES;

/// The page of this site that a form, a frame or htmx sent this request from, where the browser says so.
///
/// Both headers are for the browser to set. They choose among the pages of this site, as `next` does, and are judged like
/// it.
pub(crate) fn page_before(request: &Request<'_>, parts: &SignInParts) -> Option<LocalPath> {
    let name = if is_htmx(request) { "HX-Current-URL" } else { "Referer" };
    let url = headers::only(request.headers(), name)?;
    let path = |origin: &str| url.strip_prefix(origin).filter(|path| path.starts_with('/'));
    let path = parts.redirect_urls.iter().find_map(|own| path(&own.origin))?;
    judged(path.split('#').next().unwrap_or_default(), parts)
}

/// The address of this request as browsers see it.
pub(crate) fn own_address(request: &Request<'_>, parts: &SignInParts) -> Option<LocalPath> {
    judged(&format!("{}{}", parts.settings.public_prefix, request.uri()), parts)
}

/// A path of this site that a login cookie has room for.
pub(crate) fn judged(path: &str, parts: &SignInParts) -> Option<LocalPath> {
    Some(path).filter(|path| path.len() <= MAX_NEXT_BYTES).and_then(|path| parts.targets.judge(path))
}
