//! An app client of the local pool.

use reqwest::Url;
use serde::Deserialize;

use crate::config::{Secret, is_loopback};

/// The scopes of a client that names none: all that Cognito itself has.
const DEFAULT_SCOPES: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// An app client of the local pool: an entry of `local_pool.clients`.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::LocalClient;
///
/// let client = LocalClient::new("shop")
///     .secret("s3cret")
///     .callback_url("http://localhost:8000/auth/callback")
///     .logout_url("http://localhost:8000/");
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalClient {
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) client_secret: Option<Secret>,
    #[serde(default)]
    pub(crate) callback_urls: Vec<String>,
    #[serde(default)]
    pub(crate) logout_urls: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

impl LocalClient {
    /// A public client (one without a secret) with Cognito's five scopes.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        LocalClient {
            client_id: client_id.into(),
            client_secret: None,
            callback_urls: Vec::new(),
            logout_urls: Vec::new(),
            scopes: Vec::new(),
        }
    }

    /// Makes it a confidential client. The empty text is no secret.
    #[must_use]
    pub fn secret(mut self, client_secret: impl Into<String>) -> Self {
        self.client_secret = Some(Secret::new(client_secret));
        self
    }

    /// Registers a URL for `redirect_uri`: https, or http on loopback, as Cognito's `CallbackURLs`. A wrong
    /// one is refused at start.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_urls.push(url.into());
        self
    }

    /// Registers a URL for `logout_uri`.
    #[must_use]
    pub fn logout_url(mut self, url: impl Into<String>) -> Self {
        self.logout_urls.push(url.into());
        self
    }

    /// Adds a scope; the first one added replaces Cognito's five.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// The scopes the client may ask for, in the order in which access tokens list them.
    pub(super) fn allowed_scopes(&self) -> Vec<&str> {
        if self.scopes.is_empty() {
            DEFAULT_SCOPES.to_vec()
        } else {
            self.scopes.iter().map(String::as_str).collect()
        }
    }

    /// The secret; an empty one counts as not set.
    pub(crate) fn required_secret(&self) -> Option<Secret> {
        self.client_secret.clone().filter(|secret| !secret.expose().is_empty())
    }

    /// What Cognito would not accept of this client.
    pub(super) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let id = &self.client_id;
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_+-".contains(letter);
        if id.is_empty() || id.len() > 128 || !id.chars().all(is_word) {
            mistakes.push(format!("the client_id {id:?} needs 1 to 128 letters, digits, `_`, `+` or `-`"));
        }
        for (key, urls) in [("callback_urls", &self.callback_urls), ("logout_urls", &self.logout_urls)] {
            for url in urls {
                if let Err(problem) = check_url(url) {
                    mistakes.push(format!("client {id}: {url:?} in `{key}` {problem}"));
                }
            }
        }
        mistakes
    }
}

/// Cognito's rule for callback and sign-out URLs.
pub(super) fn check_url(text: &str) -> Result<(), &'static str> {
    let absolute = "must be an absolute URL, such as \"http://localhost:8000/auth/callback\"";
    if text.len() > 1024 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must have at most 1024 characters, percent-encoded, without spaces");
    }
    let url = Url::parse(text).map_err(|_| absolute)?;
    if url.fragment().is_some() {
        return Err("must not have a fragment (`#`)");
    }
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        ("http", _) => Err("must be https: Cognito takes http for localhost, 127.0.0.1 and [::1] only"),
        _ => Err(absolute),
    }
}
