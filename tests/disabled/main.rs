//! Disabled mode: everybody passes everywhere as one stub user, and nobody is called.

mod guards;
mod launch;
mod routes;
#[path = "../support/mod.rs"]
mod support;
mod user;

use figment::Figment;
use support::figment;

/// Disabled mode, and no other setting.
fn disabled() -> Figment {
    figment().merge(("cognito.disabled", true))
}
