//! The app's own client, and what is registered for it at the pool.

use super::client_secrets::ClientSecretSettings;
use super::redirect_urls::RedirectUrls;
use super::situation::Situation;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::client_id;
use crate::config::value::client_secret_file::ClientSecretFile;
use crate::config::value::list::{unique, words};
use crate::config::value::redirect_url::RedirectUrl;
use crate::config::value::scopes::{self, ScopesOf};
use crate::config::value::url::HttpUrl;
use crate::crypto::Secret;

/// The app client that this app is.
#[derive(Debug, Clone)]
pub(crate) struct OwnClient {
    pub(crate) id: String,
    /// `None` for a public client.
    pub(crate) secret: Option<Secret>,
    /// The other one of a client that has two, for the time of a rotation.
    pub(crate) older_secret: Option<Secret>,
    /// Where both were read. There may be others by now.
    pub(crate) secret_file: Option<ClientSecretFile>,
    /// `redirect_url` first, then `accepted_redirect_urls`. Empty where nobody is sent away to come back.
    pub(crate) redirect_urls: Vec<RedirectUrl>,
    /// Sent to Cognito byte for byte as configured.
    pub(crate) logout_url: Option<String>,
    /// What a sign-in asks for. Empty: all that the client has.
    pub(crate) scopes: Vec<String>,
    /// Whose scopes they are.
    pub(crate) scopes_of: ScopesOf,
}

impl OwnClient {
    /// Reads the client, and what is registered for it. An app in which nobody signs in need not have one, if it accepts
    /// the tokens of others.
    pub(crate) fn read(
        reader: &mut Reader,
        situation: &Situation<'_>,
        user_pool_id: &str,
        accepts_others: bool,
        redirect_urls: RedirectUrls,
        public_prefix: &str,
    ) -> Option<OwnClient> {
        let default = situation.defaults.map(|pool| pool.client_id.as_str());
        let is_required = situation.signs_in || !accepts_others;
        let id = reader.read(&key::CLIENT_ID, is_required, default, client_id::parse);
        let secrets = ClientSecretSettings::read(reader, situation, user_pool_id, id.as_deref());
        let home = situation.defaults.map(|_| redirect_urls.home(public_prefix));
        let logout_url = reader.read(&key::LOGOUT_URL, situation.signs_in, home.as_deref(), HttpUrl::parse);
        let scopes_of = ScopesOf::of_issuer(reader.is_set(&key::ISSUER));
        let scopes = scopes(reader, scopes_of);
        Some(OwnClient {
            id: id?,
            secret: secrets.newest,
            older_secret: secrets.older,
            secret_file: secrets.file,
            redirect_urls: redirect_urls.registered(),
            logout_url: logout_url.map(|url| url.text),
            scopes,
            scopes_of,
        })
    }
}

fn scopes(reader: &mut Reader, scopes_of: ScopesOf) -> Vec<String> {
    let scopes = unique(reader.list(&key::SCOPES, words, |scope| scopes_of.check(scope)));
    if !scopes.is_empty()
        && let Err(problem) = scopes::check_list(&scopes)
    {
        reader.wrong(&key::SCOPES, problem);
    }
    scopes
}
