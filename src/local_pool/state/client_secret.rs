//! The secrets of a client, while the pool runs.

use crate::clock::UnixSeconds;
use crate::crypto::Secret;
use crate::error::Error;

/// A secret with what Cognito lists of it.
#[derive(Clone)]
pub(crate) struct ClientSecret {
    /// The id of the client, `--`, and a time of creation that no other secret of the client has.
    pub(crate) id: String,
    pub(crate) created: UnixSeconds,
    pub(crate) value: Secret,
}

/// Why the secrets of a client were not listed or changed.
pub(crate) enum SecretRefusal {
    UnknownClient,
    /// The client has registered itself: its secret stays as it is.
    Registered,
    /// The client has no secret, and gains none.
    Public,
    /// The client has two already.
    Full,
    /// Cognito would not accept these.
    Wrong(&'static str),
    UnknownSecret,
    /// It is the only one.
    Last,
}

impl ClientSecret {
    /// The secrets of one client, all created `now`; the older ones are `before`.
    pub(super) fn created(
        client_id: &str,
        before: &[ClientSecret],
        values: impl IntoIterator<Item = Secret>,
        now: UnixSeconds,
    ) -> Vec<ClientSecret> {
        let mut secrets = before.to_vec();
        for value in values {
            let UnixSeconds(mut number) = now;
            let id = loop {
                let id = format!("{client_id}--{number}");
                if !secrets.iter().any(|secret| secret.id == id) {
                    break id;
                }
                number = number.saturating_add(1);
            };
            secrets.push(ClientSecret { id, created: now, value });
        }
        secrets
    }
}

impl SecretRefusal {
    /// The error of a call from Rust.
    pub(crate) fn of(self, client_id: &str) -> Error {
        let problem = match self {
            SecretRefusal::UnknownClient => "is not in the settings of the local pool",
            SecretRefusal::Registered => "has registered itself, and keeps its secret",
            SecretRefusal::Public => "has no secret, and gains none, as at Cognito",
            SecretRefusal::Full => "has two secrets already",
            SecretRefusal::Wrong(problem) => problem,
            SecretRefusal::UnknownSecret => "has no such secret",
            SecretRefusal::Last => "needs a secret",
        };
        Error::local_pool(format!("client {client_id:?} {problem}"))
    }
}
