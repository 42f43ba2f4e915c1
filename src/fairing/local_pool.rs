//! How the fairing and the embedded local pool come together.

use figment::Figment;

use super::launch;
use crate::config;
use crate::config::{LocalPoolDefaults, LocalPoolTable, Settings};
use crate::error::{Error, Mistake};
use crate::local_pool::{LocalClient, LocalPool, LocalPoolConfig};

/// Until the pool has started on any free port.
const STAND_IN_PORT: u16 = 9400;

/// What a local pool would fill in, if the settings ask for one, before its port is known.
pub(crate) fn defaults(figment: &Figment) -> Result<Option<LocalPoolDefaults>, Error> {
    Ok(configured(figment)?.as_ref().map(provisional_defaults))
}

/// Starts a local pool if the settings ask for one. It knows the application's own client.
pub(crate) async fn start(
    figment: &Figment,
    app_manages_one: bool,
) -> Result<Option<(LocalPool, Settings)>, Error> {
    let Some(mut config) = configured(figment)? else { return Ok(None) };
    if app_manages_one {
        // Rocket would panic over a second one.
        let text =
            "the application manages a `LocalPool` of its own: leave it out, or type local_pool = false";
        return Err(Error::local_pool(text));
    }
    if config.port != 0 && figment.extract_inner::<u16>("port").is_ok_and(|port| port == config.port) {
        let other = config.port.checked_add(1).unwrap_or(9400);
        return Err(Error::local_pool(format!(
            "port {} is the app's own: type `local_pool = {{ port = {other} }}`, or give the app another one",
            config.port
        )));
    }
    let provisional = Settings::load(figment, Some(&provisional_defaults(&config)))?;
    config.user_pool_id.clone_from(&provisional.user_pool_id);
    let is_own =
        |client: &LocalClient| !client.client_credentials || client.client_id == provisional.client_id;
    if !config.clients.iter().any(is_own) {
        config.clients.push(own_client(&provisional));
    }
    let pool = LocalPool::start(config.clone()).await?;
    let settings = Settings::load(figment, Some(&defaults_of(&config, pool.base_url())))?;
    let known = !settings.signs_in
        || config.clients.iter().any(|client| {
            client.client_id == settings.client_id
                && settings.redirect_urls.iter().all(|url| client.callback_urls.contains(&url.text))
                && client.logout_urls.contains(&settings.logout_url)
        });
    if !known {
        launch::report_unknown_client(&settings);
    }
    Ok(Some((pool, settings)))
}

/// The table is checked in disabled mode too, though no pool is started.
fn configured(figment: &Figment) -> Result<Option<LocalPoolConfig>, Error> {
    let Some(table) = config::local_pool(figment)? else { return Ok(None) };
    let may_start = |config| (!config::is_disabled(figment)).then_some(config);
    LocalPoolConfig::read(&table.value).map(may_start).map_err(|problems| {
        let mistakes = problems.into_iter().map(|problem| mistake(&table, problem)).collect();
        let port = table.value.find_ref("port").and_then(|port| port.deserialize().ok());
        let stand_in = LocalPoolConfig::default().port(port.unwrap_or(STAND_IN_PORT));
        let others = Settings::load(figment, Some(&provisional_defaults(&stand_in)));
        let error = Error::settings(mistakes);
        match others {
            Ok(_) => error,
            Err(others) => error.and(others),
        }
    })
}

fn mistake(table: &LocalPoolTable, problem: String) -> Mistake {
    Mistake {
        key: "local_pool".to_owned(),
        origin: table.origin.clone(),
        problem,
        expected: "true, or a table with port, user_pool_id, users, clients, access_token_seconds, \
                   id_token_seconds, refresh_token_seconds, refresh_token_rotation, refresh_token_grace_seconds, \
                   clock_skew_seconds, classic_hosted_ui"
            .to_owned(),
        remedy:
            "local_pool = true, or for example: local_pool = { port = 9400, users = [{ username = \"dave\", \
                 groups = [\"admin\"] }] }"
                .to_owned(),
    }
}

fn provisional_defaults(config: &LocalPoolConfig) -> LocalPoolDefaults {
    let port = if config.port == 0 { STAND_IN_PORT } else { config.port };
    defaults_of(config, format!("http://127.0.0.1:{port}"))
}

/// The table's first client that people sign in through is the application's, unless the settings name another.
fn defaults_of(config: &LocalPoolConfig, base_url: String) -> LocalPoolDefaults {
    let first = config.clients.iter().find(|client| !client.client_credentials);
    LocalPoolDefaults {
        base_url,
        user_pool_id: config.user_pool_id.clone(),
        client_id: first.map_or("localclient", |client| &client.client_id).to_owned(),
        client_secret: first.and_then(LocalClient::required_secret),
    }
}

fn own_client(settings: &Settings) -> LocalClient {
    let mut client = LocalClient::new(&settings.client_id);
    if settings.signs_in {
        client = client.logout_url(&settings.logout_url);
    }
    let client = settings.redirect_urls.iter().fold(client, |client, url| client.callback_url(&url.text));
    match &settings.client_secret {
        Some(secret) => client.secret(secret.expose()),
        None => client,
    }
}
