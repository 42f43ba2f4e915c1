//! Outbound HTTP: every call has a deadline and a size cap, follows no redirect, asks no proxy but the settings' own.

use std::fmt;
use std::io::Write;
use std::mem;
#[cfg(feature = "testing")]
use std::sync::Arc;
#[cfg(feature = "doctor")]
use std::time::SystemTime;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
#[cfg(feature = "doctor")]
use reqwest::header::{DATE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, Request, Url};
use zeroize::Zeroizing;

use super::host::is_loopback;
use super::http_error::HttpError;
#[cfg(feature = "testing")]
use super::offline::Offline;
use crate::crypto::Secret;

const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// Connections kept for the next call: few, and gone before the other side or a firewall forgets them.
const MAX_IDLE: usize = 8;
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
/// Before a call whose connection was refused is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// The hosts of [`is_loopback`].
const LOOPBACK: &str = "localhost, 127.0.0.1, ::1";

/// A client for the pool's endpoints.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client,
    /// What answers in the place of every server.
    #[cfg(feature = "testing")]
    offline: Option<Arc<dyn Offline>>,
    /// Whether that is on this machine.
    proxy: Option<bool>,
}

/// The client would tell its proxy, password and all.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

/// A complete answer, its body within the cap.
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    /// `max-age` of `Cache-Control`.
    pub(crate) max_age: Option<Duration>,
    /// `Retry-After` in seconds (RFC 9110 section 10.2.3).
    pub(crate) retry_after: Option<Duration>,
    /// Whether `Content-Type` says `application/json`.
    pub(crate) is_json: bool,
    pub(crate) body: Vec<u8>,
}

/// An answer, its body within the cap, with the headers that checks of the set-up look at.
#[cfg(feature = "doctor")]
pub(crate) struct Look {
    pub(crate) status: u16,
    /// `Location`.
    pub(crate) location: Option<String>,
    /// `Date`, by the server's clock.
    pub(crate) date: Option<SystemTime>,
    pub(crate) body: Vec<u8>,
}

impl HttpClient {
    /// A client with the system's root certificates when any of `urls` is `https`, or the `proxy` is.
    ///
    /// # Errors
    /// When a TLS client is needed and the system has no root certificates.
    pub(crate) fn for_urls<'a>(
        urls: impl IntoIterator<Item = &'a str>,
        proxy: Option<&'a Secret>,
    ) -> Result<Self, reqwest::Error> {
        let proxy = proxy.map(Secret::expose);
        let urls = urls.into_iter().chain(proxy);
        let builder = Client::builder()
            .redirect(Policy::none())
            // The environment's proxies do not count.
            .no_proxy()
            .connect_timeout(CONNECT_DEADLINE)
            .pool_max_idle_per_host(MAX_IDLE)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(concat!("rocket_cognito/", env!("CARGO_PKG_VERSION")));
        let builder = match proxy {
            Some(proxy) => builder.proxy(through(proxy)?),
            None => builder,
        };
        let builder = if urls.into_iter().any(|url| url.starts_with("https:")) {
            builder
        } else {
            // Without this, building fails on a system without certificates even if none is needed.
            builder.tls_certs_only([])
        };
        let client = builder.build()?;
        Ok(HttpClient {
            client,
            #[cfg(feature = "testing")]
            offline: None,
            proxy: proxy.map(is_here),
        })
    }

    /// With something that answers in the place of every server, if there is any.
    #[cfg(feature = "testing")]
    pub(crate) fn answered_by(self, offline: Option<Arc<dyn Offline>>) -> Self {
        HttpClient { offline, ..self }
    }

    /// Names the proxy where a call that goes through it does not arrive.
    fn failure(&self, url: &Url, error: HttpError) -> HttpError {
        let is_proxied = match self.proxy {
            Some(is_here) => is_here || (url.scheme() == "https" && !url.host_str().is_some_and(is_loopback)),
            None => false,
        };
        match error {
            HttpError::Refused | HttpError::Tls | HttpError::Connect if is_proxied => HttpError::Proxy,
            error => error,
        }
    }

    /// The connection is not kept: these calls are rare, and by the next one it may have been forgotten on the way.
    pub(crate) async fn get(
        &self,
        url: &str,
        authorization: Option<&HeaderValue>,
        deadline: Duration,
        cap: usize,
    ) -> Result<HttpResponse, HttpError> {
        let mut request = self.client.get(url).header(CONNECTION, "close").timeout(deadline);
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        self.send(request.build(), cap).await
    }

    /// Sends a form. A connection that was refused carried nothing, so such a call is tried twice more, within the
    /// deadline; any other failure may have reached the pool, and is final.
    pub(crate) async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        authorization: Option<&HeaderValue>,
        deadline: Duration,
        cap: usize,
    ) -> Result<HttpResponse, HttpError> {
        #[cfg(feature = "testing")]
        if let Some(offline) = &self.offline {
            return answer_offline(&**offline, Some(form));
        }
        let mut request = self.client.post(url);
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(urlencoded(form));
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.build()?;
        let ends_at = Instant::now() + deadline;
        let mut retries = Retries(PAUSES.iter());
        loop {
            let mut attempt = request.try_clone().ok_or(HttpError::Broken)?;
            *attempt.timeout_mut() = Some(ends_at.saturating_duration_since(Instant::now()));
            let result = self.send(Ok(attempt), cap).await;
            match result.as_ref().err().and_then(|error| retries.pause_after(*error)) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return result,
            }
        }
    }

    /// Sends JSON to an operation of an AWS API of protocol JSON 1.1, once. The connection is not kept.
    pub(crate) async fn post_json(
        &self,
        url: &str,
        target: &str,
        body: Bytes,
        deadline: Duration,
        cap: usize,
    ) -> Result<HttpResponse, HttpError> {
        let request = self.client.post(url).header(CONNECTION, "close").timeout(deadline);
        let request =
            request.header(CONTENT_TYPE, "application/x-amz-json-1.1").header("X-Amz-Target", target);
        self.send(request.body(body).build(), cap).await
    }

    /// Looks at the head of an answer too, as a check of the set-up does.
    #[cfg(feature = "doctor")]
    pub(crate) async fn look(&self, url: &str, deadline: Duration, cap: usize) -> Result<Look, HttpError> {
        let request = self.client.get(url).header(CONNECTION, "close").timeout(deadline);
        let (status, headers, body) = self.receive(request.build()?, cap).await?;
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        Ok(Look {
            status,
            location: text(LOCATION).map(str::to_owned),
            date: text(DATE).and_then(|date| httpdate::parse_http_date(date).ok()),
            body,
        })
    }

    async fn send(&self, request: reqwest::Result<Request>, cap: usize) -> Result<HttpResponse, HttpError> {
        let request = request?;
        #[cfg(feature = "testing")]
        if let Some(offline) = &self.offline {
            return answer_offline(&**offline, None);
        }
        let (status, headers, body) = self.receive(request, cap).await?;
        let (max_age, retry_after) = (max_age(&headers), retry_after(&headers));
        Ok(HttpResponse { status, max_age, retry_after, is_json: is_json(&headers), body })
    }

    /// Status, headers and body, which is within the cap.
    async fn receive(&self, request: Request, cap: usize) -> Result<(u16, HeaderMap, Vec<u8>), HttpError> {
        let url = request.url().clone();
        let response = self.client.execute(request).await;
        let mut response = response.map_err(|error| self.failure(&url, error.into()))?;
        // A buffer that grows leaves copies behind, and answers carry tokens.
        let length = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Vec::with_capacity(length.unwrap_or_default().min(cap));
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > cap {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status().as_u16(), mem::take(response.headers_mut()), body))
    }
}

#[cfg(feature = "testing")]
fn answer_offline(offline: &dyn Offline, form: Option<&[(&str, &str)]>) -> Result<HttpResponse, HttpError> {
    let (status, body) = offline.answer(form).ok_or(HttpError::TestPool)?;
    Ok(HttpResponse { status, max_age: None, retry_after: None, is_json: true, body: body.into_bytes() })
}

/// A pool on this machine, or one that is called by plain http, is called directly, unless the proxy is on this machine
/// too: codes and secrets would be readable on the way to the proxy.
fn through(proxy: &str) -> reqwest::Result<Proxy> {
    let is_here = is_here(proxy);
    Ok(if is_here {
        Proxy::all(proxy)?
    } else {
        Proxy::https(proxy)?.no_proxy(NoProxy::from_string(LOOPBACK))
    })
}

/// Whether the proxy is on this machine.
fn is_here(proxy: &str) -> bool {
    Url::parse(proxy).is_ok_and(|url| url.host_str().is_some_and(is_loopback))
}

/// The tries that are left of a call.
struct Retries(std::slice::Iter<'static, Duration>);

impl Retries {
    /// How long to wait before the next try; `None` when `error` is final.
    fn pause_after(&mut self, error: HttpError) -> Option<Duration> {
        let pause = self.0.next().filter(|_| error == HttpError::Refused)?;
        Some(pause.mul_f64(rand::random_range(0.5..1.0)))
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

/// A date instead of seconds, which Cognito does not send, counts as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// `Authorization: Basic`, wiped with its last copy.
pub(crate) fn basic(user: &str, password: &Secret) -> Option<HeaderValue> {
    let pair = Zeroizing::new([user, ":", password.expose()].concat());
    let encoded = Zeroizing::new(STANDARD.encode(&*pair));
    authorization(["Basic ", &encoded].concat())
}

/// `Authorization: Bearer`, wiped with its last copy; `None` for what no token has in it.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    authorization(["Bearer ", token].concat())
}

fn authorization(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(Zeroizing::new(text))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A form, wiped when it has been sent. Its buffer never grows, which would leave copies of secrets behind.
fn urlencoded(form: &[(&str, &str)]) -> Bytes {
    let letters: usize = form.iter().map(|(name, value)| name.len() + value.len()).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(3 * letters + 2 * form.len()));
    for (name, value) in form {
        if !text.is_empty() {
            text.push(b'&');
        }
        percent_encode(name, &mut text);
        text.push(b'=');
        percent_encode(value, &mut text);
    }
    Bytes::from_owner(text)
}

fn percent_encode(text: &str, onto: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            onto.push(byte);
        } else {
            // A vector takes whatever is written.
            let _ = write!(onto, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refused_connection_is_tried_again_and_twice_at_most() {
        for _ in 0..1_000 {
            let mut retries = Retries(PAUSES.iter());
            let pauses = [(); 3].map(|()| retries.pause_after(HttpError::Refused).map(|it| it.as_millis()));
            assert!(matches!(pauses, [Some(50..=100), Some(150..=300), None]), "{pauses:?}");
        }
        for last in
            [HttpError::Tls, HttpError::Connect, HttpError::Timeout, HttpError::TooLarge, HttpError::Broken]
        {
            assert_eq!(Retries(PAUSES.iter()).pause_after(last), None, "{last:?}");
            let mut retries = Retries(PAUSES.iter());
            assert!(retries.pause_after(HttpError::Refused).is_some());
            assert_eq!(retries.pause_after(last), None, "{last:?} after a refusal");
        }
    }

    #[test]
    fn the_first_cache_control_that_says_how_long_counts() {
        let rows: [(&[&str], Option<u64>); 12] = [
            (&[], None),
            (&["max-age=600"], Some(600)),
            (&["public, Max-Age=600, immutable"], Some(600)),
            (&["max-age=\"600\""], Some(600)),
            (&["public", "max-age=600"], Some(600)),
            (&["no-store"], Some(0)),
            (&["no-cache, max-age=600"], Some(0)),
            (&["max-age=600, max-age=1"], Some(600)),
            (&["max-age=-1"], None),
            (&["max-age=soon"], None),
            (&["max-age=99999999999999999999999"], None),
            (&["s-maxage=600"], None),
        ];
        for (values, expected) in rows {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CACHE_CONTROL, value.parse().unwrap());
            }
            assert_eq!(max_age(&headers), expected.map(Duration::from_secs), "{headers:?}");
        }
    }
}
