//! The settings as the launch reads them.

use figment::Figment;

use super::local_pool;
use crate::config::Settings;
use crate::error::Error;
use crate::token::Jwks;

/// The settings as the launch will have them, or what is wrong with them.
pub(super) fn checked_settings(figment: &Figment) -> Result<Settings, Error> {
    let settings = local_pool::check_settings(figment)?;
    Jwks::check(&settings.pool.jwks)?;
    Ok(settings)
}
