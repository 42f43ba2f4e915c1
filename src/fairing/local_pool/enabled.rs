//! With the feature `local-pool`: an app that asks for a local pool gets one.

use std::path::PathBuf;

use figment::Figment;
use figment::value::Value;
use rocket::{Build, Config, Orbit, Rocket};

use crate::config::{
    LocalPoolDefaults, LocalPoolTable, OwnClient, PlainHttp, Settings, TableMistake, is_disabled, local_pool,
    remedy_at,
};
use crate::error::{Error, Mistake};
use crate::local_pool::{LocalClient, LocalPool, LocalPoolConfig, USUAL_PORT};
use crate::telemetry::{Event, emit};

/// The settings as the launch will have them, but for the port of a local pool that takes any, or what is wrong
/// with them.
pub(crate) fn check_settings(figment: &Figment) -> Result<Settings, Error> {
    let defaults = configured(figment)?.as_ref().map(provisional_defaults);
    Settings::load(figment, defaults.as_ref())
}

/// The settings of the app that is to be launched, and in its state a local pool that runs, if they ask for one.
pub(crate) async fn load_settings(
    rocket: Rocket<Build>,
) -> Result<(Rocket<Build>, Settings), (Rocket<Build>, Error)> {
    let figment = rocket.figment().clone();
    match start(&figment, rocket.state::<LocalPool>().is_some()).await {
        Ok((Some(pool), settings)) => Ok((rocket.manage(pool), settings)),
        Ok((None, settings)) => Ok((rocket, settings)),
        Err(error) => Err((rocket, error)),
    }
}

/// Reports where the app's local pool is, if it has one.
pub(crate) fn report(rocket: &Rocket<Orbit>) {
    if let Some(pool) = rocket.state::<LocalPool>() {
        let usernames = pool.usernames();
        let usernames: Vec<_> = usernames.iter().map(String::as_str).collect();
        emit(Event::LocalPoolStarted { base_url: &pool.base_url(), usernames: &usernames });
        let profile = rocket.figment().profile();
        if profile != Config::DEBUG_PROFILE {
            emit(Event::LocalPoolOutsideDebug { profile });
        }
    }
}

/// Starts a local pool if the settings ask for one. It knows the application's own client.
async fn start(figment: &Figment, app_manages_one: bool) -> Result<(Option<LocalPool>, Settings), Error> {
    let Some(mut config) = configured(figment)? else { return Ok((None, Settings::load(figment, None)?)) };
    if app_manages_one {
        // Rocket would panic over a second one.
        let text =
            "the application manages a `LocalPool` of its own: leave it out, or type local_pool = false";
        return Err(Error::local_pool(text));
    }
    let is_fixed = config.port.is_some();
    let own = figment.extract_inner::<u16>("port").ok().filter(|port| *port != 0);
    match (config.port, own) {
        (Some(port), Some(own)) if port == own => {
            let other = port.checked_add(1).unwrap_or(9400);
            return Err(Error::local_pool(format!(
                "port {port} is the app's own: type `local_pool = {{ port = {other} }}`, or give the app another one"
            )));
        }
        // The app is to listen there, and has not begun to.
        (None, Some(USUAL_PORT)) => config.port = Some(0),
        _ => {}
    }
    let provisional = Settings::load(figment, Some(&provisional_defaults(&config)))?;
    config.user_pool_id.clone_from(&provisional.pool.user_pool_id);
    // An app that only accepts the tokens of other clients gets one of those.
    let other = provisional.bearer.accepted_client_ids.first();
    let client = provisional.client.as_ref().map(local_client).or_else(|| other.map(LocalClient::new));
    config.clients.extend(client.filter(|own| {
        let is_it = |client: &LocalClient| !client.client_credentials || client.client_id == own.client_id;
        !config.clients.iter().any(is_it)
    }));
    let pool = LocalPool::start(config.clone()).await?;
    if !is_fixed && pool.address().port() != USUAL_PORT {
        emit(Event::LocalPoolElsewhere { usual_port: USUAL_PORT, base_url: &pool.base_url() });
    }
    let settings = Settings::load(figment, Some(&defaults_of(&config, pool.base_url(), pool.server_url())))?;
    if let (Some(_), Some(own)) = (&settings.sign_in, &settings.client)
        && !config.clients.iter().any(|client| serves(client, own))
    {
        report_unknown_client(own);
    }
    Ok((Some(pool), settings))
}

/// Whether a client of the local pool is the app's `own`, with all that is registered for it.
fn serves(client: &LocalClient, own: &OwnClient) -> bool {
    client.client_id == own.id
        && own.redirect_urls.iter().all(|url| client.callback_urls.contains(&url.text))
        && own.logout_url.as_ref().is_none_or(|url| client.logout_urls.contains(url))
}

/// Reports that none of the local pool's clients is the app's.
fn report_unknown_client(own: &OwnClient) {
    let redirect_urls: Vec<_> = own.redirect_urls.iter().map(|url| url.text.as_str()).collect();
    emit(Event::LocalPoolLacksClient {
        client_id: &own.id,
        redirect_urls: &redirect_urls,
        logout_url: own.logout_url.as_deref().unwrap_or_default(),
    });
}

/// The table is checked in disabled mode too, though no pool is started.
fn configured(figment: &Figment) -> Result<Option<LocalPoolConfig>, Error> {
    let Some(table) = local_pool(figment)? else { return Ok(None) };
    let may_start = |mut config: LocalPoolConfig| {
        config.state = config.state.map(|path| beside_its_file(figment, &table.value, path));
        (!is_disabled(figment)).then_some(config)
    };
    LocalPoolConfig::read(&table.value, PlainHttp::Loopback).map(may_start).map_err(|problems| {
        let mistakes = problems.into_iter().map(|problem| mistake(&table, problem)).collect();
        let port = table.value.find_ref("port").and_then(|port| port.deserialize().ok());
        let stand_in = LocalPoolConfig::default().port(port.unwrap_or(USUAL_PORT));
        let others = Settings::load(figment, Some(&provisional_defaults(&stand_in)));
        let error = Error::settings(mistakes);
        match others {
            Ok(_) => error,
            Err(others) => error.and(others),
        }
    })
}

/// The path `state`; a relative one counts from the folder of the file of settings that it stands in.
fn beside_its_file(figment: &Figment, table: &Value, path: PathBuf) -> PathBuf {
    let source = table.find_ref("state").and_then(|value| figment.get_metadata(value.tag())?.source.as_ref());
    match source.and_then(|source| source.file_path()?.parent()) {
        Some(folder) => folder.join(path),
        None => path,
    }
}

fn mistake(table: &LocalPoolTable, mistake: TableMistake) -> Mistake {
    let TableMistake { path, problem } = mistake.below("local_pool");
    Mistake {
        key: path,
        problem,
        expected: format!("true, or a table with {}", LocalPoolConfig::keys()),
        remedy: remedy_at(
            &table.origin,
            "local_pool = true, or for example: local_pool = { port = 9400, users = [{ username = \"dave\", \
             groups = [\"admin\"] }] }",
        ),
        origin: table.origin.clone(),
    }
}

fn provisional_defaults(config: &LocalPoolConfig) -> LocalPoolDefaults {
    // Where it takes any free port, until it has one.
    let port = config.port.filter(|port| *port != 0).unwrap_or(USUAL_PORT);
    defaults_of(config, config.base_url(port), config.server_url(port))
}

/// The table's first client that people sign in through is the application's, unless the settings name another.
fn defaults_of(config: &LocalPoolConfig, base_url: String, server_url: String) -> LocalPoolDefaults {
    let first = config.clients.iter().find(|client| !client.client_credentials);
    LocalPoolDefaults {
        base_url,
        server_url,
        user_pool_id: config.user_pool_id.clone(),
        client_id: first.map_or("localclient", |client| &client.client_id).to_owned(),
        client_secret: first.and_then(|client| client.secrets().next().cloned()),
        level_names: config.levels.names(),
    }
}

/// The app's `own` client, for the local pool.
fn local_client(own: &OwnClient) -> LocalClient {
    let client = LocalClient::new(&own.id);
    let client = own.logout_url.iter().fold(client, |client, url| client.logout_url(url));
    let client = own.redirect_urls.iter().fold(client, |client, url| client.callback_url(&url.text));
    let secrets = own.secret.iter().chain(&own.older_secret);
    secrets.fold(client, |client, secret| client.secret(secret.expose()))
}
