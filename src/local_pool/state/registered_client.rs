//! A client that has registered itself at the running pool.

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::crypto::{SecretText, serialize_exposed_option};
use crate::local_pool::config::LocalClient;

/// What is known of a client that has registered itself; serialized for a state file.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RegisteredClient {
    pub(crate) client_id: String,
    pub(crate) issued_at: UnixSeconds,
    /// `None` for a public client.
    #[serde(serialize_with = "serialize_exposed_option")]
    pub(crate) client_secret: Option<SecretText>,
    pub(crate) auth_method: String,
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) is_machine: bool,
}

impl RegisteredClient {
    /// The client as the endpoints know clients.
    pub(super) fn as_client(&self) -> LocalClient {
        let client = LocalClient::new(&self.client_id);
        let secret = self.client_secret.as_ref().map(SecretText::expose);
        let client = secret.into_iter().fold(client, LocalClient::secret);
        let client = self.redirect_uris.iter().fold(client, LocalClient::callback_url);
        let client = self.scopes.iter().fold(client, LocalClient::scope);
        if self.is_machine { client.client_credentials() } else { client }
    }
}
