//! The secrets of an app client, of which it has two while they are rotated.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::response::is_invalid_client;
use crate::config::OwnClient;
use crate::crypto::Secret;
use crate::http::{HttpError, HttpResponse, basic};
use crate::telemetry::{Event, emit};

/// For how long calls try one secret only, after the pool has refused both.
const REST: Duration = Duration::from_secs(10);

/// The secrets of one app client, none for a public one, and which of them the pool accepted last.
pub(super) struct ClientSecrets {
    secrets: Vec<ClientSecret>,
    current: AtomicUsize,
    /// When the pool has refused both.
    all_refused: Mutex<Option<Instant>>,
}

/// One secret, in the two forms in which it is sent.
pub(super) struct ClientSecret {
    place: usize,
    pub(super) text: Secret,
    /// The secret as `client_secret_basic` sends it.
    pub(super) authorization: HeaderValue,
}

impl ClientSecret {
    /// The secret as `client_secret_post` sends it.
    pub(super) fn field(&self) -> (&'static str, &str) {
        ("client_secret", self.text.expose())
    }
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
        Some(ClientSecrets { secrets, current: AtomicUsize::new(0), all_refused: Mutex::default() })
    }

    /// The secret that worked last; `None` for a public client.
    pub(super) fn current(&self) -> Option<&ClientSecret> {
        self.secrets.get(self.current.load(Ordering::Relaxed))
    }

    /// Makes a call with the secret that worked last and, where the pool refuses that, with the other. Both share the
    /// deadline: `send` is given what is left of it.
    pub(super) async fn call<'a, F>(
        &'a self,
        deadline: Duration,
        send: impl Fn(Option<&'a ClientSecret>, Duration) -> F,
    ) -> Result<HttpResponse, HttpError>
    where
        F: Future<Output = Result<HttpResponse, HttpError>>,
    {
        let ends_at = Instant::now() + deadline;
        let secret = self.current();
        let mut answer = send(secret, deadline).await?;
        if let Some(other) = self.instead_of(secret, &answer) {
            answer = send(Some(other), ends_at.saturating_duration_since(Instant::now())).await?;
            self.learn(other, &answer);
        }
        Ok(answer)
    }

    /// The secret to try where the pool has refused the one of this call. That spends neither a code nor a refresh token.
    /// `None` for some seconds after the pool has refused both.
    fn instead_of(&self, tried: Option<&ClientSecret>, answer: &HttpResponse) -> Option<&ClientSecret> {
        let tried = tried.filter(|_| is_refused(answer))?;
        let other = self.secrets.iter().find(|secret| secret.place != tried.place)?;
        let refused_at = *self.all_refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused_at.is_none_or(|refused_at| refused_at.elapsed() >= REST).then_some(other)
    }

    /// Has later calls begin with the second secret tried, where the answer to it shows that the pool accepts it; and
    /// notes it where the pool refuses that one too.
    fn learn(&self, tried: &ClientSecret, answer: &HttpResponse) {
        let is_refused = is_refused(answer);
        if is_refused {
            *self.all_refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        if !matches!(answer.status, 200 | 400) || is_refused {
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::runtime::Builder;
    use tokio::time::sleep;

    use super::*;

    fn two() -> ClientSecrets {
        let secret = |place, text: &str| ClientSecret {
            place,
            text: Secret::new(text),
            authorization: HeaderValue::from_static("Basic"),
        };
        let secrets = vec![secret(0, "first"), secret(1, "second")];
        ClientSecrets { secrets, current: AtomicUsize::new(0), all_refused: Mutex::default() }
    }

    /// The secrets that a call of eight seconds sends to a pool that takes two for each answer, and the seconds that each
    /// try is given.
    async fn sent(secrets: &ClientSecrets, accepted: &str) -> Vec<(String, u64)> {
        let sent = RefCell::new(Vec::new());
        let call = secrets.call(Duration::from_secs(8), |secret, left| {
            let text = secret.unwrap().text.expose();
            sent.borrow_mut().push((text.to_owned(), left.as_secs()));
            let (status, body) = match accepted.starts_with(text) {
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
}
