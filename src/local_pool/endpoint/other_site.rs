//! Forms that other sites send.

use std::convert::Infallible;

use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};

/// Whether the browser says that another site sent this form: in `Sec-Fetch-Site`, or an older one in
/// `Origin`. What says nothing, such as curl, passes.
pub(super) struct FromOtherSite(pub(super) bool);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FromOtherSite {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        let own_origin = request.host().map(|host| format!("http://{host}"));
        let other = match request.headers().get_one("Sec-Fetch-Site") {
            Some(site) => site != "same-origin" && site != "none",
            None => request
                .headers()
                .get_one("Origin")
                .is_some_and(|origin| own_origin.as_deref() != Some(origin)),
        };
        Outcome::Success(FromOtherSite(other))
    }
}
