//! What kind of answer a request is for: a page for a person, or something for a program.

use rocket::Request;
use rocket::http::Accept;

/// Whether a person's browser is opening a page, rather than a script fetching something.
pub(crate) fn is_navigation(request: &Request<'_>) -> bool {
    let mode = request.headers().get_one("Sec-Fetch-Mode");
    wants_html(request) && mode.is_none_or(|mode| mode == "navigate")
}

/// Programs ask for JSON, or for nothing in particular; browsers name HTML.
pub(crate) fn wants_html(request: &Request<'_>) -> bool {
    request.accept().is_some_and(|accept: &Accept| accept.media_types().any(|media| media.is_html()))
}

/// Whether a script made the request. A `fetch` cannot follow to another origin's pages, so it gets no redirect.
pub(crate) fn is_script(request: &Request<'_>) -> bool {
    let mode = request.headers().get_one("Sec-Fetch-Mode");
    mode.is_some_and(|mode| mode != "navigate") || (prefers_json(request) && !is_navigation(request))
}

pub(crate) fn prefers_json(request: &Request<'_>) -> bool {
    request.accept().is_some_and(|accept| accept.preferred().is_json())
}
