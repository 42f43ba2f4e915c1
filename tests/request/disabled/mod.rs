//! Disabled mode: everybody passes everywhere as one stub user, and nobody is called.

mod guards;
mod hosts;
mod launch;
mod routes;
mod user;

use crate::support::figment;
use figment::Figment;

/// Disabled mode, and no other setting.
fn disabled() -> Figment {
    figment().merge(("cognito.disabled", true))
}
