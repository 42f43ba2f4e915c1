//! The calls of a diagnosis: few, and soon over.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderValue;
use tokio::time::{Instant, timeout_at};

use crate::config::{JwksSource, Settings};
use crate::error::Error;
use crate::http::{HttpClient, HttpError, HttpResponse, Look};

/// A diagnosis is no load for anybody.
const MAX_CALLS: usize = 25;
const TIME: Duration = Duration::from_secs(20);
/// Leaves time for the others, whoever does not answer.
const CALL_DEADLINE: Duration = Duration::from_secs(4);
const MAX_BYTES: usize = 256 * 1024;

/// The calls that are left, and the time.
pub(super) struct Wire {
    http: HttpClient,
    calls: AtomicUsize,
    ends_at: Instant,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// All calls that a diagnosis may make are made, or its time is over.
    OutOfBudget,
    Http(HttpError),
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Silence::OutOfBudget => f.write_str("the calls or the seconds of a diagnosis are used up"),
            Silence::Http(error) => error.fmt(f),
        }
    }
}

impl From<HttpError> for Silence {
    fn from(error: HttpError) -> Self {
        Silence::Http(error)
    }
}

impl Wire {
    /// Calls that go where those of an app with these settings go.
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let pool = &settings.pool;
        let keys = match &pool.jwks {
            JwksSource::Url { url, .. } => Some(url.as_str()),
            JwksSource::File(_) | JwksSource::Inline(_) => None,
        };
        let urls = [Some(pool.issuer()), Some(&pool.api), pool.server_domain.as_deref(), keys];
        let http = HttpClient::for_urls(urls.into_iter().flatten(), pool.http_proxy.as_ref());
        Ok(Wire {
            http: http.map_err(|_| Error::certificates())?,
            calls: AtomicUsize::new(0),
            ends_at: Instant::now() + TIME,
        })
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }

    pub(super) async fn get(&self, url: &str) -> Result<Look, Silence> {
        self.within_budget(self.http.look(url, CALL_DEADLINE, MAX_BYTES)).await
    }

    pub(super) async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        authorization: Option<&HeaderValue>,
    ) -> Result<HttpResponse, Silence> {
        let call = self.http.post_form(url, form, authorization, CALL_DEADLINE, MAX_BYTES);
        self.within_budget(call).await
    }

    pub(super) async fn post_json(
        &self,
        url: &str,
        target: &str,
        body: Bytes,
    ) -> Result<HttpResponse, Silence> {
        self.within_budget(self.http.post_json(url, target, body, CALL_DEADLINE, MAX_BYTES)).await
    }

    /// Makes a call, or none where the budget is used up.
    pub(super) async fn within_budget<T, E: Into<Silence>>(
        &self,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Silence> {
        if self.calls.fetch_add(1, Ordering::Relaxed) >= MAX_CALLS {
            return Err(Silence::OutOfBudget);
        }
        match timeout_at(self.ends_at, call).await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_) => Err(Silence::OutOfBudget),
        }
    }
}
