//! How the fairing and the embedded local pool come together.

use figment::Figment;
use figment::error::Kind;
use figment::value::Value;

use crate::config::{self, LocalPoolDefaults, Settings};
use crate::error::Error;
use crate::local_pool::{LocalClient, LocalPool, LocalPoolConfig};

/// What a local pool would fill in, if the settings ask for one, before its port is known.
pub(crate) fn defaults(figment: &Figment) -> Result<Option<LocalPoolDefaults>, Error> {
    Ok(configured(figment)?.map(|config| defaults_of(&config, base_url(config.port))))
}

/// Starts a local pool if the settings ask for one. It knows the application's own client.
pub(crate) async fn start(figment: &Figment) -> Result<Option<(LocalPool, Settings)>, Error> {
    let Some(mut config) = configured(figment)? else { return Ok(None) };
    let provisional = Settings::load(figment, Some(&defaults_of(&config, base_url(config.port))))?;
    config.user_pool_id.clone_from(&provisional.user_pool_id);
    if config.clients.is_empty() {
        config.clients.push(own_client(&provisional));
    }
    let pool = LocalPool::start(config.clone()).await?;
    let settings = Settings::load(figment, Some(&defaults_of(&config, pool.base_url())))?;
    Ok(Some((pool, settings)))
}

fn base_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn configured(figment: &Figment) -> Result<Option<LocalPoolConfig>, Error> {
    match config::local_pool(figment)? {
        None => Ok(None),
        Some(Value::Dict(_, table)) if table.is_empty() => Ok(Some(LocalPoolConfig::default())),
        Some(value) => value.deserialize().map(Some).map_err(|error: figment::Error| {
            // The kind of mistake alone: the table holds passwords and secrets.
            Error::local_pool(mistake_in_table(&error))
        }),
    }
}

fn mistake_in_table(error: &figment::Error) -> String {
    let place = if error.path.is_empty() { String::new() } else { format!(" at `{}`", error.path.join(".")) };
    let what = match &error.kind {
        Kind::UnknownField(field, expected) => {
            format!("there is no key `{field}`; there are {}", expected.join(", "))
        }
        Kind::MissingField(field) => format!("the key `{field}` is missing"),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => format!("expected {expected}"),
        _ => "a value has the wrong form".to_owned(),
    };
    format!("the `local_pool` table needs attention{place}: {what}")
}

/// The table's first client is the application's, unless the settings name another.
fn defaults_of(config: &LocalPoolConfig, base_url: String) -> LocalPoolDefaults {
    let first = config.clients.first();
    LocalPoolDefaults {
        base_url,
        user_pool_id: config.user_pool_id.clone(),
        client_id: first.map_or("localclient", |client| &client.client_id).to_owned(),
        client_secret: first.and_then(|client| client.client_secret.clone()),
    }
}

fn own_client(settings: &Settings) -> LocalClient {
    let client = LocalClient::new(&settings.client_id)
        .callback_url(&settings.redirect_url)
        .logout_url(&settings.logout_url);
    match &settings.client_secret {
        Some(secret) => client.secret(secret.expose()),
        None => client,
    }
}
