//! An app client of the local pool.

use serde::Deserialize;

use super::token_exchange::LocalTokenExchange;
use super::trigger::LocalTrigger;
use super::url::check_url;
use crate::config::{Field, Form};
use crate::crypto::Secret;
use crate::http::is_scope;

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
    #[serde(default)]
    pub(crate) client_credentials: bool,
    #[serde(default)]
    pub(in crate::local_pool) trigger: LocalTrigger,
    #[serde(default)]
    pub(in crate::local_pool) token_exchange: Option<LocalTokenExchange>,
}

impl LocalClient {
    /// The keys of an entry.
    pub(super) const FIELDS: &[Field] = &[
        Field::required("client_id", Form::Text),
        Field::new("client_secret", Form::Text),
        Field::new("callback_urls", Form::Texts),
        Field::new("logout_urls", Form::Texts),
        Field::new("scopes", Form::Texts),
        Field::new("client_credentials", Form::Flag),
        Field::new("trigger", Form::Table(LocalTrigger::FIELDS)),
        Field::new("token_exchange", Form::Word(&["impersonation", "delegation", "both"])),
    ];

    /// A public client (one without a secret) with Cognito's five scopes.
    #[must_use]
    pub fn new(client_id: impl Into<String>) -> Self {
        LocalClient {
            client_id: client_id.into(),
            client_secret: None,
            callback_urls: Vec::new(),
            logout_urls: Vec::new(),
            scopes: Vec::new(),
            client_credentials: false,
            trigger: LocalTrigger::new(),
            token_exchange: None,
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

    /// Makes it a machine client: it gets tokens for itself by the grant `client_credentials` (RFC 6749 section 4.4),
    /// and nobody signs in through it. It needs a secret and scopes of your own APIs, as in Cognito; see "Scopes, M2M,
    /// and resource servers" in Cognito's developer guide.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::local_pool::LocalClient;
    ///
    /// let worker = LocalClient::new("worker").secret("s3cret").scope("orders/read").client_credentials();
    /// ```
    #[must_use]
    pub fn client_credentials(mut self) -> Self {
        self.client_credentials = true;
        self
    }

    /// Sets what a trigger of version 3 does to the tokens of this machine. People have a trigger each:
    /// [`LocalUser::trigger`](super::LocalUser::trigger).
    #[must_use]
    pub fn trigger(mut self, trigger: LocalTrigger) -> Self {
        self.trigger = trigger;
        self
    }

    /// Lets it exchange tokens of people for others (RFC 8693) at the token endpoint. It needs a
    /// secret.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::local_pool::{LocalClient, LocalTokenExchange};
    ///
    /// let service = LocalClient::new("service").secret("s3cret").token_exchange(LocalTokenExchange::Delegation);
    /// ```
    #[must_use]
    pub fn token_exchange(mut self, allowed: LocalTokenExchange) -> Self {
        self.token_exchange = Some(allowed);
        self
    }

    /// The scopes the client may ask for, in the order in which access tokens list them.
    fn allowed_scopes(&self) -> Vec<&str> {
        if self.scopes.is_empty() {
            DEFAULT_SCOPES.to_vec()
        } else {
            self.scopes.iter().map(String::as_str).collect()
        }
    }

    /// Whether it is one of this client's scopes.
    pub(crate) fn may_ask_for(&self, scope: &str) -> bool {
        self.allowed_scopes().contains(&scope)
    }

    /// The scopes asked for, or all of the client's; `None` when it lacks one of them.
    pub(crate) fn granted_scopes(&self, asked: Option<&str>) -> Option<Vec<String>> {
        let allowed = self.allowed_scopes();
        let asked: Vec<&str> =
            asked.map_or_else(|| allowed.clone(), |asked| asked.split_whitespace().collect());
        if asked.iter().any(|scope| !allowed.contains(scope)) {
            return None;
        }
        Some(allowed.into_iter().filter(|scope| asked.contains(scope)).map(str::to_owned).collect())
    }

    /// The secret; an empty one counts as not set.
    pub(crate) fn required_secret(&self) -> Option<Secret> {
        self.client_secret.clone().filter(|secret| !secret.expose().is_empty())
    }

    /// What Cognito would not accept of this client, each with its key.
    pub(super) fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        let id = &self.client_id;
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_+-".contains(letter);
        if id.is_empty() || id.len() > 128 || !id.chars().all(is_word) {
            let needs = "needs 1 to 128 letters, digits, `_`, `+` or `-`";
            mistakes.push(("client_id", format!("the client_id {id:?} {needs}")));
        }
        for (key, urls) in [("callback_urls", &self.callback_urls), ("logout_urls", &self.logout_urls)] {
            for url in urls {
                if let Err(problem) = check_url(url) {
                    mistakes.push((key, format!("client {id}: {url:?} in `{key}` {problem}")));
                }
            }
        }
        if self.token_exchange.is_some() && self.required_secret().is_none() {
            let problem =
                "needs a `client_secret`: without one, anybody who knows its id could exchange tokens";
            mistakes.push(("token_exchange", format!("client {id} with `token_exchange` {problem}")));
        }
        if self.client_credentials {
            mistakes.extend(self.machine_mistakes());
            mistakes.extend(self.trigger.mistakes_of_machine(id));
        } else if !self.trigger.is_empty() {
            let problem = "is for people, whose `trigger` is in `users`";
            mistakes.push(("trigger", format!("the client {id} {problem}")));
        }
        mistakes
    }

    fn machine_mistakes(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.required_secret().is_none() {
            let problem = "needs a `client_secret`, which is all that a machine proves itself with";
            problems.push(("client_secret", problem.to_owned()));
        }
        if !(self.callback_urls.is_empty() && self.logout_urls.is_empty()) {
            let problem = "takes neither `callback_urls` nor `logout_urls`: Cognito combines this grant with no other, \
                           so give people a client of their own";
            problems.push(("client_credentials", problem.to_owned()));
        }
        if self.scopes.is_empty() {
            problems.push(("scopes", "needs `scopes` of your own APIs, such as [\"orders/read\"]".into()));
        }
        for scope in self.scopes.iter().filter(|scope| !is_custom_scope(scope)) {
            let rule = "a machine gets custom ones only, written \"resource-server/scope\"";
            problems.push(("scopes", format!("cannot have the scope {scope:?}: {rule}")));
        }
        let tell = |problem| format!("client {} with `client_credentials` {problem}", self.client_id);
        problems.into_iter().map(|(key, problem)| (key, tell(problem))).collect()
    }
}

/// Identifier of a resource server, which may have slashes itself, and name of the scope.
pub(in crate::local_pool) fn is_custom_scope(text: &str) -> bool {
    text.rsplit_once('/').is_some_and(|(server, scope)| is_scope(server) && is_scope(scope))
}
