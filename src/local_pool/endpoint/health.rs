//! `/health`: whether the pool runs, for the health checks of containers. Cognito has none.

use rocket::get;

/// Its path, which is there under any name: such checks ask by the address of a container.
pub(crate) const HEALTH: &str = "/health";

#[get("/health")]
pub(super) fn health() -> &'static str {
    "The local pool runs.\n"
}
