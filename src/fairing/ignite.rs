//! The ignition: from settings to an app with its routes, or to the error that refuses the launch.

use std::collections::BTreeSet;
use std::sync::Arc;

use rocket::{Build, Rocket, Route};

use super::local_pool;
use crate::app::{App, Hooks};
use crate::client::CognitoClient;
use crate::clock::Clock;
use crate::config::Settings;
use crate::error::Error;
use crate::routes::{POOL_METADATA, name_of, routes, taken_catchers};
use crate::store::SessionStore;
#[cfg(feature = "testing")]
use crate::testing::TestPool;

/// Mounts and manages all that an app has by its settings.
pub(super) async fn ignite(
    rocket: Rocket<Build>,
    clock: Clock,
    hooks: Hooks,
    store: Option<Arc<dyn SessionStore>>,
) -> Result<Rocket<Build>, (Rocket<Build>, Error)> {
    if rocket.state::<Arc<App>>().is_some() {
        return Err((rocket, Error::attached_twice()));
    }
    #[cfg(feature = "testing")]
    let of_test = rocket.state::<TestPool>().map(|pool| pool.settings(rocket.figment()));
    #[cfg(not(feature = "testing"))]
    let of_test = None;
    let (rocket, settings) = match of_test {
        Some(Ok(settings)) => (rocket, settings),
        Some(Err(error)) => return Err((rocket, error)),
        None => local_pool::load_settings(rocket).await?,
    };
    match compose(&rocket, settings, clock, hooks, store).await {
        Ok((app, routes)) => {
            let client = CognitoClient::of(Arc::clone(&app.pool), &app.settings.session);
            let rocket = rocket.mount("/", routes).manage(client);
            let rocket = match app.sessions() {
                Some(sessions) => rocket.manage(sessions),
                None => rocket,
            };
            Ok(rocket.manage(app))
        }
        Err(error) => Err((rocket, error)),
    }
}

/// The app and its routes, for which `rocket` has room.
async fn compose(
    rocket: &Rocket<Build>,
    settings: Settings,
    clock: Clock,
    hooks: Hooks,
    store: Option<Arc<dyn SessionStore>>,
) -> Result<(Arc<App>, Vec<Route>), Error> {
    let app = Arc::new(App::new(settings, clock, hooks, store)?);
    let routes = routes(&app);
    if let Some(taken) = routes.iter().find(|own| {
        rocket.routes().any(|other| other.method == own.method && other.uri.path() == own.uri.path())
    }) {
        if name_of(taken).is_none() {
            return Err(Error::metadata_route_taken(taken.uri.path(), taken.uri.path() == POOL_METADATA));
        }
        let others: BTreeSet<_> =
            routes.iter().filter_map(name_of).filter(|name| Some(*name) != name_of(taken)).collect();
        return Err(Error::route_taken(taken.uri.path(), others));
    }
    if let Some((base, codes)) = taken_catchers(rocket) {
        return Err(Error::catchers_taken(&base, &codes));
    }
    if app.settings.pool.require_keys_at_launch
        && let Err(reason) = app.pool.verifier().jwks().refresh().await
    {
        return Err(Error::no_keys(&app.settings.pool.jwks.to_string(), &reason));
    }
    #[cfg(feature = "redis")]
    app.connect_store().await?;
    if app.settings.store.is_required_at_launch
        && let Err(error) = app.check_store().await
    {
        return Err(Error::no_store(&error.to_string()));
    }
    Ok((app, routes))
}
