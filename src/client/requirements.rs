//! What a call needs of the settings.

use std::sync::Arc;

use crate::oauth::Endpoints;
use crate::pool::{ClientError, UserPool};

const NO_CLIENT: &str = "set it: `accepted_client_ids` only says whose tokens count";
const NO_DOMAIN: &str = "set it, from the Cognito console: Branding > Domain";

/// The pool's endpoints, for a client of this app.
pub(super) fn endpoints(pool: &UserPool) -> Result<&Arc<Endpoints>, ClientError> {
    check_enabled(pool)?;
    if pool.client().is_none() {
        return Err(ClientError::misconfigured("`client_id` is not set", NO_CLIENT));
    }
    pool.endpoints().ok_or_else(|| ClientError::misconfigured("`domain` is not set", NO_DOMAIN))
}

/// The callback of the settings.
pub(super) fn redirect_url(pool: &UserPool) -> Result<&str, ClientError> {
    let url = pool.client().and_then(|client| client.redirect_urls.first()).map(|url| url.text.as_str());
    url.ok_or_else(|| ClientError::misconfigured("`redirect_url` is not set", "set it to the app's callback"))
}

/// Disabled mode calls nobody.
pub(super) fn check_enabled(pool: &UserPool) -> Result<(), ClientError> {
    match pool.is_disabled() {
        false => Ok(()),
        true => Err(ClientError::misconfigured("disabled mode calls nobody", "disabled = false")),
    }
}
