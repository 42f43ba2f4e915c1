//! The client, and where the pool is asked about it.

use crate::config::OwnClient;

/// The client, and where the pool is asked about it.
pub(super) struct Place<'s> {
    pub(super) domain: &'s str,
    pub(super) client: &'s OwnClient,
    pub(super) signs_in: bool,
}

impl Place<'_> {
    /// The client's secrets, the newest first.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let OwnClient { secret, older_secret, .. } = self.client;
        secret.iter().chain(older_secret).map(|secret| secret.expose()).collect()
    }
}
