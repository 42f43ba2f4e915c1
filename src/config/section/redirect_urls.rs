//! `redirect_url` and `accepted_redirect_urls`: the callbacks that are registered for the app client.

use figment::Figment;

use super::situation::Situation;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::words;
use crate::config::value::redirect_url;
use crate::config::value::redirect_url::RedirectUrl;
use crate::config::value::url::HttpUrl;

/// Beside `redirect_url`: Cognito registers up to 100 callbacks for a client.
const MAX_ACCEPTED: usize = 99;

/// The callbacks as they were read.
pub(crate) struct RedirectUrls {
    /// `redirect_url`; `None` where nobody is sent away to come back.
    pub(crate) first: Option<HttpUrl>,
    /// `redirect_url` first, then `accepted_redirect_urls`.
    pub(crate) all: Vec<RedirectUrl>,
}

impl RedirectUrls {
    pub(crate) fn read(
        reader: &mut Reader,
        situation: &Situation<'_>,
        figment: &Figment,
        mount: &str,
    ) -> RedirectUrls {
        let first = match situation.is_disabled && !reader.is_set(&key::REDIRECT_URL) {
            true => None,
            false => first(reader, situation, figment, mount),
        };
        let accepted = reader.list(&key::ACCEPTED_REDIRECT_URLS, words, |text| {
            redirect_url::parse_further(text, first.as_ref())
        });
        if accepted.len() > MAX_ACCEPTED {
            let problem = format!("has {} URLs, more than {MAX_ACCEPTED}", accepted.len());
            reader.wrong(&key::ACCEPTED_REDIRECT_URLS, problem);
        }
        let all = first.iter().chain(&accepted).map(RedirectUrl::of).collect();
        RedirectUrls { first, all }
    }

    /// What is registered for the client; nothing without `redirect_url`.
    pub(crate) fn registered(self) -> Vec<RedirectUrl> {
        if self.first.is_some() { self.all } else { Vec::new() }
    }

    /// The app's first page as browsers see it, behind a proxy that strips `public_prefix`.
    pub(crate) fn home(&self, public_prefix: &str) -> String {
        match &self.first {
            Some(url) => format!("{}{public_prefix}/", url.origin()),
            None => "http://localhost/".into(),
        }
    }
}

/// Reads `redirect_url`; with a local pool it follows from Rocket's own port.
fn first(reader: &mut Reader, situation: &Situation<'_>, figment: &Figment, mount: &str) -> Option<HttpUrl> {
    let signs_in = situation.signs_in;
    if situation.defaults.is_none() || !signs_in || reader.is_set(&key::REDIRECT_URL) {
        return reader.read(&key::REDIRECT_URL, signs_in, None, redirect_url::parse);
    }
    let config = rocket::Config::try_from(figment).unwrap_or_default();
    if config.port == 0 {
        reader.refuse(
            &key::REDIRECT_URL,
            "cannot follow from Rocket's port 0: the local pool has to know the callback's port beforehand",
            "ROCKET_PORT=8000, or port = 8000 in Rocket.toml",
        );
        return None;
    }
    let scheme = if config.tls_enabled() { "https" } else { "http" };
    let derived = format!("{scheme}://localhost:{}{mount}/callback", config.port);
    reader.require(&key::REDIRECT_URL, Some(&derived), redirect_url::parse)
}
