//! `/error`: where Cognito leaves people whose app sent a wrong client or address.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get};
use rocket_dyn_templates::minijinja::context;

use super::pages::{Page, Pages};
use super::parameters::Parameters;
use crate::local_pool::config::check_url;
use crate::local_pool::state::Pool;

/// Unlike Cognito's, this page says what was sent, what is registered, and what to do.
#[get("/error")]
pub(super) fn error(
    pool: &State<Arc<Pool>>,
    pages: &State<Pages>,
    query: Parameters,
) -> Result<Page, Status> {
    let client_id = query.get("client_id").unwrap_or_default();
    let (parameter, key) = if query.has("logout_uri") {
        ("logout_uri", "logout_urls")
    } else {
        ("redirect_uri", "callback_urls")
    };
    let sent = query.get(parameter);
    let client = pool.client(client_id);
    let registered = client.as_ref().map(|client| match key {
        "logout_urls" => &client.logout_urls,
        _ => &client.callback_urls,
    });
    let context = context! {
        error => query.get("error").unwrap_or("redirect_mismatch"),
        client_id,
        parameter,
        key,
        sent,
        refused => sent.and_then(|url| check_url(url).err()),
        registered,
        is_machine => client.as_ref().is_some_and(|client| client.client_credentials),
    };
    pages.render(Status::BadRequest, "cognito/error.html", context)
}
