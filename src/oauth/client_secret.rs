//! One secret of an app client.

use reqwest::header::HeaderValue;

use crate::crypto::{Secret, same};
use crate::http::basic;

/// One secret, in the two forms in which it is sent.
pub(super) struct ClientSecret {
    text: Secret,
    authorization: HeaderValue,
}

impl ClientSecret {
    /// The secret of this client; `None` when both fit into no header, which the settings have ruled out.
    pub(super) fn new(client_id: &str, text: &Secret) -> Option<Self> {
        Some(ClientSecret { text: text.clone(), authorization: basic(client_id, text)? })
    }

    /// The secret as `client_secret_post` sends it.
    pub(super) fn field(&self) -> (&'static str, &str) {
        ("client_secret", self.text())
    }

    /// The secret as `client_secret_basic` sends it.
    pub(super) fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// The text, which no log may hold.
    pub(super) fn text(&self) -> &str {
        self.text.expose()
    }

    /// Whether this is the secret of that text, found out in constant time.
    pub(super) fn is(&self, text: &Secret) -> bool {
        same(self.text(), text.expose())
    }
}
