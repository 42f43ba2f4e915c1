//! The app's own URLs, as the settings name them, and whether they lead to it.

use reqwest::Url;
use rocket::{Config, Orbit, Rocket};

use crate::config::{OwnClient, Settings};
use crate::http::is_loopback;
use crate::telemetry::{Event, emit};

/// Reports URLs that seem to lead elsewhere, in development: a proxy in front of the app makes them right, so they are no
/// mistake.
pub(super) fn report(rocket: &Rocket<Orbit>, settings: &Settings) {
    let Some(client) = settings.client.as_ref().filter(|_| settings.allows_unsafe_modes) else { return };
    let pool = settings.pool.domain.as_deref().and_then(|domain| Url::parse(domain).ok());
    let is_pool_here = pool.as_ref().and_then(Url::host_str).is_some_and(is_loopback);
    for (key, text) in registered(client) {
        let Ok(url) = Url::parse(text) else { continue };
        let is_here = url.host_str().is_some_and(is_loopback);
        let port = rocket.config().port;
        if is_here && port != 0 && url.port_or_known_default() != Some(port) {
            emit(Event::OwnUrlElsewhere { key, url: text, port, right: &own(&url, url.scheme(), port) });
        } else if !is_here && is_pool_here {
            let right = own(&url, scheme(rocket.config()), port);
            emit(Event::OwnUrlPublic { key, url: text, right: &right });
        }
    }
}

/// The URLs that are registered for the app's `client`, each with its setting.
fn registered(client: &OwnClient) -> impl Iterator<Item = (&'static str, &str)> {
    let keys = std::iter::once("redirect_url").chain(std::iter::repeat("accepted_redirect_urls"));
    let callbacks = keys.zip(client.redirect_urls.iter().map(|url| url.text.as_str()));
    callbacks.chain(client.logout_url.as_deref().map(|url| ("logout_url", url)))
}

fn scheme(config: &Config) -> &'static str {
    if config.tls_enabled() { "https" } else { "http" }
}

/// `url` at the address of this app.
fn own(url: &Url, scheme: &str, port: u16) -> String {
    let host = url.host_str().filter(|host| is_loopback(host)).unwrap_or("localhost");
    format!("{scheme}://{host}:{port}{}", url.path())
}
