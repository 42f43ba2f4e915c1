//! HEAD. Rocket answers it as a GET without the body, which is right for pages and documents. What only one method may do
//! is refused.

use rocket::http::Header;
use rocket::response::Responder;
use rocket::{Route, head, routes};

/// A 405 that says which method there is.
#[derive(Responder)]
#[response(status = 405)]
pub(super) struct OnlyBy {
    nothing: (),
    allow: Header<'static>,
}

/// It would hand out a code.
#[head("/oauth2/authorize")]
fn no_code() -> OnlyBy {
    only_by("GET")
}

/// It would end a session.
#[head("/logout")]
fn no_sign_out() -> OnlyBy {
    only_by("GET")
}

#[head("/oauth2/token")]
fn no_token() -> OnlyBy {
    only_by("POST")
}

#[head("/oauth2/revoke")]
fn no_revocation() -> OnlyBy {
    only_by("POST")
}

fn only_by(method: &'static str) -> OnlyBy {
    OnlyBy { nothing: (), allow: Header::new("Allow", method) }
}

pub(crate) fn head_routes() -> Vec<Route> {
    routes![no_code, no_sign_out, no_token, no_revocation]
}
