//! Outbound HTTP: every call has a deadline and a size cap, follows no redirect, asks no proxy.

use std::fmt;
use std::time::{Duration, Instant};

use reqwest::header::{CACHE_CONTROL, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Request};

use crate::config::Secret;

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Connections kept for the next call: few, and gone before the other side or a firewall forgets them.
const MAX_IDLE: usize = 8;
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// Before a call whose connection was refused is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// A client for the pool's endpoints.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
}

/// A complete answer, its body within the cap.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `max-age` of `Cache-Control`.
    pub(crate) max_age: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// Why no answer came. The texts name no URL: it could carry a code or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpError {
    Connect,
    Timeout,
    TooLarge,
    Broken,
}

impl Http {
    /// A client with the system's root certificates when any of `urls` is `https`.
    ///
    /// # Errors
    /// When a TLS client is needed and the system has no root certificates.
    pub(crate) fn for_urls<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_DEADLINE)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(concat!("rocket_cognito/", env!("CARGO_PKG_VERSION")));
        let builder = if urls.into_iter().any(|url| url.starts_with("https:")) {
            builder
        } else {
            // Without this, building fails on a system without certificates even if none is needed.
            builder.tls_certs_only([])
        };
        builder.build().map(|client| Http { client })
    }

    pub(crate) async fn get(&self, url: &str, deadline: Duration, cap: usize) -> Result<Answer, HttpError> {
        let request = self.client.get(url).timeout(deadline).build();
        self.send(request, cap).await
    }

    /// Sends a form. A connection that was refused carried nothing, so such a call is tried twice more, within the
    /// deadline; any other failure may have reached the pool, and is final.
    pub(crate) async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret)>,
        deadline: Duration,
        cap: usize,
    ) -> Result<Answer, HttpError> {
        let mut request = self.client.post(url).form(form);
        if let Some((user, password)) = basic {
            request = request.basic_auth(user, Some(password.expose()));
        }
        let request = request.build()?;
        let ends_at = Instant::now() + deadline;
        let mut pauses = PAUSES.iter();
        loop {
            let mut attempt = request.try_clone().ok_or(HttpError::Broken)?;
            *attempt.timeout_mut() = Some(ends_at.saturating_duration_since(Instant::now()));
            match (self.send(Ok(attempt), cap).await, pauses.next()) {
                (Err(HttpError::Connect), Some(pause)) => {
                    tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..1.0))).await;
                }
                (result, _) => return result,
            }
        }
    }

    async fn send(&self, request: reqwest::Result<Request>, cap: usize) -> Result<Answer, HttpError> {
        let mut response = self.client.execute(request?).await?;
        let status = response.status().as_u16();
        let max_age = max_age(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > cap {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, max_age, body })
    }
}

/// How long the answer says that it is fresh (RFC 9111 section 5.2.2.1); no time at all with `no-store`.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(',')).map(|one| one.trim().to_ascii_lowercase());
    directives.find_map(|one| match one.as_str() {
        "no-store" | "no-cache" => Some(Duration::ZERO),
        one => one.strip_prefix("max-age=")?.trim_matches('"').parse().ok().map(Duration::from_secs),
    })
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            HttpError::Timeout
        } else if error.is_connect() {
            HttpError::Connect
        } else {
            HttpError::Broken
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpError::Connect => "it could not be reached",
            HttpError::Timeout => "it did not answer in time",
            HttpError::TooLarge => "its answer was too large",
            HttpError::Broken => "its answer was broken off or not HTTP",
        })
    }
}
