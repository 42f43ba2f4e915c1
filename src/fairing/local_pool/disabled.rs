//! Without the feature `local-pool`: an app that asks for a local pool is refused.

use figment::Figment;
use rocket::{Build, Orbit, Rocket};

use crate::config::{Settings, local_pool};
use crate::error::Error;

/// The settings as the launch will have them, or what is wrong with them.
pub(crate) fn check_settings(figment: &Figment) -> Result<Settings, Error> {
    local_pool(figment)?;
    Settings::load(figment, None)
}

/// The settings of the app that is to be launched.
pub(crate) async fn load_settings(
    rocket: Rocket<Build>,
) -> Result<(Rocket<Build>, Settings), (Rocket<Build>, Error)> {
    match check_settings(rocket.figment()) {
        Ok(settings) => Ok((rocket, settings)),
        Err(error) => Err((rocket, error)),
    }
}

/// There is no pool to report.
pub(crate) fn report(_: &Rocket<Orbit>) {}
