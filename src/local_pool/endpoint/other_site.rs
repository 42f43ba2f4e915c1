//! Forms that other sites send.

use std::convert::Infallible;
use std::sync::Arc;

use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};

use crate::local_pool::state::Pool;

/// Whether the browser says that another site sent this form: in `Sec-Fetch-Site`, or an older one in
/// `Origin`. What says nothing, such as curl, passes.
pub(super) struct FromOtherSite(pub(super) bool);

impl FromOtherSite {
    /// The answer to such a form, with this text.
    pub(super) fn refusal(&self, problem: &'static str) -> Option<(Status, &'static str)> {
        self.0.then_some((Status::Forbidden, problem))
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for FromOtherSite {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        let own_origin = request.host().map(|host| format!("http://{host}"));
        // Behind a proxy with TLS.
        let public_origin = request.rocket().state::<Arc<Pool>>().map(|pool| pool.base_url());
        let is_own =
            |origin: &str| [&own_origin, &public_origin].iter().any(|own| own.as_deref() == Some(origin));
        let other = match request.headers().get_one("Sec-Fetch-Site") {
            Some(site) => site != "same-origin" && site != "none",
            None => request.headers().get_one("Origin").is_some_and(|origin| !is_own(origin)),
        };
        Outcome::Success(FromOtherSite(other))
    }
}
