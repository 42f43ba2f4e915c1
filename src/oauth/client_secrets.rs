//! The secrets of an app client, of which it has two while they are rotated.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::header::HeaderValue;

use super::response::is_invalid_client;
use crate::config::OwnClient;
use crate::crypto::Secret;
use crate::http::{HttpResponse, basic};
use crate::telemetry::{Event, emit};

/// The secrets of one app client, none for a public one, and which of them the pool accepted last.
pub(super) struct ClientSecrets {
    secrets: Vec<ClientSecret>,
    current: AtomicUsize,
}

/// One secret, in the two forms in which it is sent.
pub(super) struct ClientSecret {
    place: usize,
    pub(super) text: Secret,
    /// As `client_secret_basic`.
    pub(super) authorization: HeaderValue,
}

impl ClientSecrets {
    /// The secrets of `client`; `None` when one fits into no header, which the settings have ruled out.
    pub(super) fn new(client: Option<&OwnClient>) -> Option<Self> {
        let mut secrets = Vec::new();
        if let Some(client) = client {
            for secret in client.secret.iter().chain(&client.older_secret) {
                let authorization = basic(&client.id, secret)?;
                secrets.push(ClientSecret { place: secrets.len(), text: secret.clone(), authorization });
            }
        }
        Some(ClientSecrets { secrets, current: AtomicUsize::new(0) })
    }

    /// The secret that worked last; `None` for a public client.
    pub(super) fn current(&self) -> Option<&ClientSecret> {
        self.secrets.get(self.current.load(Ordering::Relaxed))
    }

    /// The secret to try where the pool has refused the one of this call. That spends neither a code nor a refresh token.
    pub(super) fn instead_of(
        &self,
        tried: Option<&ClientSecret>,
        answer: &HttpResponse,
    ) -> Option<&ClientSecret> {
        let tried = tried.filter(|_| is_refused(answer))?;
        self.secrets.iter().find(|secret| secret.place != tried.place)
    }

    /// Has later calls begin with the second secret tried, where the answer to it shows that the pool accepts it.
    pub(super) fn learn(&self, tried: &ClientSecret, answer: &HttpResponse) {
        if !matches!(answer.status, 200 | 400) || is_refused(answer) {
            return;
        }
        if self.current.swap(tried.place, Ordering::Relaxed) != tried.place {
            let refused = if tried.place == 0 { "second" } else { "first" };
            emit(Event::ClientSecretRefused { refused });
        }
    }

    /// The texts, which no log may hold.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.text.expose())
    }
}

fn is_refused(answer: &HttpResponse) -> bool {
    matches!(answer.status, 400 | 401) && is_invalid_client(&answer.body)
}
