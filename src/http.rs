//! Outbound HTTP: every call has a deadline and a size cap, follows no redirect, asks no proxy.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Request};

use crate::config::Secret;

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);

/// A client for the pool's endpoints.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
}

/// A complete answer, its body within the cap.
pub(crate) struct Answer {
    pub(crate) status: u16,
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

    pub(crate) async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        basic: Option<(&str, &Secret)>,
        deadline: Duration,
        cap: usize,
    ) -> Result<Answer, HttpError> {
        let mut request = self.client.post(url).form(form).timeout(deadline);
        if let Some((user, password)) = basic {
            request = request.basic_auth(user, Some(password.expose()));
        }
        self.send(request.build(), cap).await
    }

    async fn send(&self, request: reqwest::Result<Request>, cap: usize) -> Result<Answer, HttpError> {
        let mut response = self.client.execute(request?).await?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > cap {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, body })
    }
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
