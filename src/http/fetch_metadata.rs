//! What kind of answer a request is for: a page for a person, or something for a program.

use rocket::Request;
use rocket::http::{Accept, MediaType, Method};

const MAX_ACCEPT_BYTES: usize = 4096;

/// The header `Accept`, unless it is longer than any browser's: Rocket parses it with memory quadratic in its length.
fn accept<'r>(request: &'r Request<'_>) -> Option<&'r Accept> {
    let is_short = request.headers().get("Accept").map(str::len).sum::<usize>() <= MAX_ACCEPT_BYTES;
    if is_short { request.accept() } else { None }
}

/// Whether a person's browser is opening a page, rather than a script fetching something.
pub(crate) fn is_navigation(request: &Request<'_>) -> bool {
    let mode = request.headers().get_one("Sec-Fetch-Mode");
    wants_html(request) && mode.is_none_or(|mode| mode == "navigate")
}

/// Whether the browser asks ahead of its user, who may never open the page (Fetch, "Sec-Purpose header").
pub(crate) fn is_prefetch(request: &Request<'_>) -> bool {
    let headers = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"];
    headers.iter().any(|name| request.headers().contains(name)) || is_turbo_prefetch(request)
}

/// Whether Turbo asks ahead of its user. It shows what it gets when the user clicks, if that is HTML, and opens the page
/// otherwise.
pub(crate) fn is_turbo_prefetch(request: &Request<'_>) -> bool {
    request.headers().contains("X-Sec-Purpose")
}

/// Whether the answer is to be shown in a frame of another page.
pub(crate) fn is_framed(request: &Request<'_>) -> bool {
    let destination = request.headers().get_one("Sec-Fetch-Dest");
    destination.is_some_and(|it| matches!(it, "iframe" | "frame" | "fencedframe" | "embed" | "object"))
}

/// Whether a person has opened a page of their own, in a window or tab, which a redirect may lead elsewhere.
pub(crate) fn is_page_visit(request: &Request<'_>) -> bool {
    is_navigation(request) && !is_framed(request) && !is_prefetch(request)
}

/// Whether the request may change something, as forms do (RFC 9110 section 9.2.1).
pub(crate) fn is_unsafe(request: &Request<'_>) -> bool {
    !matches!(request.method(), Method::Get | Method::Head | Method::Options | Method::Trace)
}

/// Whether htmx made the request. It follows the header `HX-Redirect`, and shows everything else in the page.
pub(crate) fn is_htmx(request: &Request<'_>) -> bool {
    request.headers().get_one("HX-Request") == Some("true")
}

/// Whether Turbo has sent a form. It follows redirects within the site alone, and carries out streams.
pub(crate) fn takes_turbo_stream(request: &Request<'_>) -> bool {
    let is_stream = |media: &MediaType| media.top() == "text" && media.sub() == "vnd.turbo-stream.html";
    is_unsafe(request) && accept(request).is_some_and(|accept| accept.media_types().any(is_stream))
}

/// Programs ask for JSON, or for nothing in particular; browsers name HTML.
pub(crate) fn wants_html(request: &Request<'_>) -> bool {
    accept(request).is_some_and(|accept: &Accept| accept.media_types().any(|media| media.is_html()))
}

/// Whether a script made the request. A `fetch` cannot follow to another origin's pages, so it gets no redirect.
pub(crate) fn is_script(request: &Request<'_>) -> bool {
    let mode = request.headers().get_one("Sec-Fetch-Mode");
    mode.is_some_and(|mode| mode != "navigate") || (prefers_json(request) && !is_navigation(request))
}

pub(crate) fn prefers_json(request: &Request<'_>) -> bool {
    accept(request).is_some_and(|accept| accept.preferred().is_json())
}
