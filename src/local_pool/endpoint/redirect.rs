//! Redirects of the browser.

use rocket::http::Header;
use rocket::response::Responder;

use super::parameters::with_query;

/// A 302 to exactly this address; Rocket's own `Redirect` answers 500 for one it cannot parse.
#[derive(Responder)]
#[response(status = 302)]
pub(super) struct Found {
    nothing: (),
    location: Header<'static>,
}

impl Found {
    pub(super) fn at(location: String) -> Self {
        Found { nothing: (), location: Header::new("Location", location) }
    }
}

/// Goes to the pool's own page: an unregistered address must never be redirected to.
pub(super) fn redirect_mismatch(client_id: &str, name: &str, url: &str) -> Found {
    let parameters = [("error", "redirect_mismatch"), ("client_id", client_id), (name, url)];
    Found::at(with_query("/error", &parameters))
}
