//! The secrets of an app client, of which it has two while they are rotated.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::client_secret::ClientSecret;
use super::known_secrets::KnownSecrets;
use super::response::{EndpointCall, EndpointError, is_invalid_client, refusal};
use super::secret_file::SecretFile;
use crate::config::OwnClient;
use crate::http::{HttpError, HttpResponse};
use crate::telemetry::{ClientSecretEvent, Event, emit};

/// A client has two secrets, and a file that has been replaced may hold a third.
const MAX_TRIES: usize = 3;

/// The secrets of one app client, none for a public one, and the file that they come from.
pub(super) struct ClientSecrets {
    known: Arc<Mutex<KnownSecrets>>,
    file: Option<SecretFile>,
}

impl ClientSecrets {
    /// The secrets of `client`; `None` when one fits into no header, which the settings have ruled out.
    pub(super) fn new(client: Option<&OwnClient>) -> Option<Self> {
        let mut known = KnownSecrets::default();
        let mut file = None;
        if let Some(client) = client {
            let texts: Vec<_> = client.secret.iter().chain(&client.older_secret).cloned().collect();
            known.replace(&client.id, &texts)?;
            file = client.secret_file.clone().map(|file| SecretFile::new(file, &client.id));
        }
        Some(ClientSecrets { known: Arc::new(Mutex::new(known)), file })
    }

    fn known(&self) -> MutexGuard<'_, KnownSecrets> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is a public client.
    pub(super) fn are_none(&self) -> bool {
        self.known().current().is_none()
    }

    /// Makes a call with the secret that worked last. Where the pool refuses that, it makes the call with another one: from
    /// the file, which is read again, or the other one of two. A refusal spends neither a code nor a refresh token. All tries
    /// share the deadline: `send` is given what is left of it.
    pub(super) async fn call<F>(
        &self,
        deadline: Duration,
        send: impl Fn(Option<Arc<ClientSecret>>, Duration) -> F,
    ) -> Result<HttpResponse, HttpError>
    where
        F: Future<Output = Result<HttpResponse, HttpError>>,
    {
        let ends_at = Instant::now() + deadline;
        let left = || ends_at.saturating_duration_since(Instant::now());
        let mut secret = self.known().current();
        let mut answer = send(secret.clone(), deadline).await?;
        let mut refused = Vec::new();
        while is_refused(&answer)
            && let Some(tried) = secret.take()
        {
            refused.push(tried);
            let Some(other) = self.instead_of(&refused, left()).await else { break };
            answer = send(Some(Arc::clone(&other)), left()).await?;
            secret = Some(other);
        }
        self.learn(secret, refused.len(), &answer);
        Ok(answer)
    }

    async fn instead_of(&self, refused: &[Arc<ClientSecret>], left: Duration) -> Option<Arc<ClientSecret>> {
        if refused.len() >= MAX_TRIES {
            return None;
        }
        if let Some(file) = &self.file {
            file.read_into(&self.known, left).await;
        }
        self.known().instead_of(refused)
    }

    /// Has later calls begin with the secret that this call ended with, where the answer shows that the pool accepts it; and
    /// notes it where the pool refuses several.
    fn learn(&self, accepted: Option<Arc<ClientSecret>>, refused: usize, answer: &HttpResponse) {
        let Some(accepted) = accepted else {
            if refused > 1 {
                self.known().note_all_refused();
            }
            return;
        };
        if refused == 0 || !matches!(answer.status, 200 | 400) {
            return;
        }
        let before = self.known().accept(&accepted);
        if let Some(refused) = before {
            let is_in_file = self.file.is_some();
            emit(Event::ClientSecret(ClientSecretEvent::Refused { refused, is_in_file }));
        }
    }

    /// What a refusal says, for the log; without these secrets and the `others`, should the pool repeat them.
    pub(super) fn refusal(
        &self,
        wanted: EndpointCall,
        body: &[u8],
        status: u16,
        others: &[&str],
    ) -> EndpointError {
        let known = self.known().all();
        let hidden: Vec<_> = others.iter().copied().chain(known.iter().map(|secret| secret.text())).collect();
        match refusal(wanted, body, status, &hidden) {
            EndpointError::Client { reason, .. } if self.file.is_some() && is_invalid_client(body) => {
                let remedy = "check `client_id`, and write a secret of that app client into the file of `client_secret_file`, \
                              which is read again at the next refusal";
                EndpointError::Client { reason, remedy }
            }
            error => error,
        }
    }
}

fn is_refused(answer: &HttpResponse) -> bool {
    matches!(answer.status, 400 | 401) && is_invalid_client(&answer.body)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::runtime::Builder;
    use tokio::time::sleep;

    use super::super::known_secrets::REST;
    use super::*;
    use crate::config::ClientSecretFile;
    use crate::crypto::Secret;

    fn two() -> ClientSecrets {
        let mut known = KnownSecrets::default();
        known.replace("web", &["first", "second"].map(Secret::new)).unwrap();
        ClientSecrets { known: Arc::new(Mutex::new(known)), file: None }
    }

    /// The secrets that a call of eight seconds sends to a pool that takes two for each answer, and the seconds that each
    /// try is given.
    async fn sent(secrets: &ClientSecrets, accepted: &str) -> Vec<(String, u64)> {
        let sent = RefCell::new(Vec::new());
        let call = secrets.call(Duration::from_secs(8), |secret, left| {
            let secret = secret.unwrap();
            sent.borrow_mut().push((secret.text().to_owned(), left.as_secs()));
            let (status, body) = match accepted.starts_with(secret.text()) {
                true => (200, "{}"),
                false => (400, r#"{"error":"invalid_client"}"#),
            };
            async move {
                sleep(Duration::from_secs(2)).await;
                let body = body.as_bytes().to_vec();
                Ok(HttpResponse { status, max_age: None, retry_after: None, is_json: true, body })
            }
        });
        assert!(call.await.is_ok());
        sent.into_inner()
    }

    fn pairs(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
        expected.iter().map(|(text, left)| ((*text).to_owned(), *left)).collect()
    }

    #[test]
    fn two_tries_share_one_deadline_and_the_secret_that_works_is_remembered() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let secrets = two();
            assert_eq!(sent(&secrets, "second").await, pairs(&[("first", 8), ("second", 6)]));
            assert_eq!(sent(&secrets, "second").await, pairs(&[("second", 8)]));
            assert_eq!(sent(&secrets, "first").await, pairs(&[("second", 8), ("first", 6)]));
            assert_eq!(sent(&secrets, "first").await, pairs(&[("first", 8)]));
        });
    }

    #[test]
    fn after_both_are_refused_calls_are_not_doubled_for_some_seconds() {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let secrets = two();
            assert_eq!(sent(&secrets, "neither").await, pairs(&[("first", 8), ("second", 6)]));
            assert_eq!(sent(&secrets, "second").await, pairs(&[("first", 8)]));
            sleep(REST).await;
            assert_eq!(sent(&secrets, "second").await, pairs(&[("first", 8), ("second", 6)]));
        });
    }

    #[test]
    fn an_answer_that_repeats_a_secret_is_logged_without_any_that_was_ever_read() {
        let path = std::env::temp_dir().join(format!("client_secrets-{}", std::process::id()));
        std::fs::write(&path, "second").unwrap();
        let file = SecretFile::new(ClientSecretFile::new(&path, "", "web"), "web");
        let mut known = KnownSecrets::default();
        known.replace("web", &[Secret::new("first")]).unwrap();
        let secrets = ClientSecrets { known: Arc::new(Mutex::new(known)), file: Some(file) };
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let sent = runtime.block_on(async { sent(&secrets, "neither").await });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(sent.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), ["first", "second"]);
        let body = br#"{"error":"invalid_client","error_description":"neither first nor second nor other"}"#;
        let EndpointError::Client { reason, .. } =
            secrets.refusal(EndpointCall::UserTokens, body, 400, &["other"])
        else {
            panic!("another error")
        };
        assert!(reason.contains("neither [redacted] nor [redacted] nor [redacted]"), "{reason}");
    }
}
