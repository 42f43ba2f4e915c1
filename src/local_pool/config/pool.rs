//! The `local_pool` table.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use figment::value::Value;
use serde::Deserialize;

use super::client::LocalClient;
use super::entry_mistakes::entry_mistakes;
use super::file::read_toml;
use super::identity_provider::{LocalIdentityProvider, identity_provider_mistakes};
use super::levels::LocalLevels;
use super::pool_table::{FIELDS, number_mistakes, text_mistakes, told};
use super::reach;
use super::registration::LocalRegistration;
use super::sessions::LocalSessions;
use super::sign_in_names::SignInNames;
use super::user::LocalUser;
use crate::config::{PlainHttp, TableMistake, names, read_table};
use crate::error::Error;

/// What a local pool consists of: the `local_pool` settings table, or built in a test.
///
/// ```toml
/// [debug.cognito.local_pool]
/// port = 9400
/// users = [{ username = "dave", groups = ["admin"], attributes = { "custom:team" = "blue" } }]
/// clients = [{ client_id = "shop", callback_urls = ["http://localhost:8000/auth/callback"] }]
/// ```
///
#[doc = include_str!("../../../docs/local-pool-settings.md")]
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalClient, LocalPoolConfig, LocalUser};
///
/// let config = LocalPoolConfig::default()
///     .port(9400)
///     .state("target/local-pool.json")
///     .user(LocalUser::new("dave").group("admin"))
///     .client(LocalClient::new("shop").callback_url("http://localhost:8000/auth/callback"));
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalPoolConfig {
    /// `None` takes the usual one where that is free.
    pub(crate) port: Option<u16>,
    /// `None` is loopback; else it is an IP address once the table is checked.
    pub(super) address: Option<String>,
    pub(crate) hosts: Vec<String>,
    pub(super) public_url: Option<String>,
    pub(crate) user_pool_id: String,
    pub(crate) users: Vec<LocalUser>,
    pub(super) username_attributes: Vec<String>,
    pub(super) alias_attributes: Vec<String>,
    pub(super) case_sensitive: bool,
    pub(crate) clients: Vec<LocalClient>,
    pub(crate) access_token_seconds: u32,
    pub(crate) id_token_seconds: u32,
    pub(crate) refresh_token_seconds: u32,
    pub(crate) refresh_token_rotation: bool,
    pub(crate) refresh_token_grace_seconds: u32,
    pub(crate) clock_skew_seconds: i32,
    pub(crate) classic_hosted_ui: bool,
    pub(in crate::local_pool) identity_providers: Vec<LocalIdentityProvider>,
    pub(crate) sso_seconds: u32,
    pub(crate) state: Option<PathBuf>,
    pub(crate) levels: LocalLevels,
    /// `None` tracks none.
    pub(in crate::local_pool) sessions: Option<LocalSessions>,
    /// `None` registers none.
    pub(in crate::local_pool) registration: Option<LocalRegistration>,
    pub(in crate::local_pool) registration_scopes: Vec<String>,
}

impl LocalPoolConfig {
    /// Reads a TOML file with the keys of this table: `port = 9400`, then `[[clients]]` and `[[users]]`.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or has unknown keys or values that Cognito would refuse (all of
    /// these are reported together): [`Error::is_local_pool`](crate::Error::is_local_pool). The text names the place,
    /// and repeats no value that could be a secret.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::read(&read_toml(path)?.into(), PlainHttp::Private)
            .map_err(|mistakes| Error::local_pool(told(&path.display().to_string(), &mistakes)))
    }

    /// The port; 0 takes any free one. Where it is taken, the pool does not start.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the [`port`](Self::port) where none was given, such as in a file: for an address that must not change.
    #[must_use]
    pub fn port_or(mut self, port: u16) -> Self {
        self.port = self.port.or(Some(port));
        self
    }

    /// Where it listens, if not at `127.0.0.1`: another IP address of this machine, or `0.0.0.0` for all of them, as in a
    /// container. Whoever reaches that address can sign in as anybody, so the log warns of it.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::local_pool::LocalPoolConfig;
    /// let config =
    ///     LocalPoolConfig::default().address([0, 0, 0, 0]).host("pool").public_url("http://localhost:9400");
    /// ```
    #[must_use]
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = Some(address.into().to_string());
        self
    }

    /// Adds a name under which it answers, in lower case and without port, such as that of its container. Requests under
    /// other names get 421, except for `/health`: a web page could have its own name lead here. `localhost`, `127.0.0.1`,
    /// `[::1]`, the [`address`](Self::address) and the host of the [`public_url`](Self::public_url) are always its names.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.hosts.push(host.into());
        self
    }

    /// Where browsers reach it, such as `http://localhost:9400`, if that is elsewhere than where it listens: the issuer and
    /// the URLs in the discovery document begin with it. A document that is asked for under one of the
    /// [`hosts`](Self::host) names the endpoints that apps call under that host. Plain `http` leads to names and addresses
    /// that cannot be public, and with the pool of an app to `localhost`, `127.0.0.1` and `[::1]`.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// The pool id, such as `eu-west-1_AbC123`.
    #[must_use]
    pub fn user_pool_id(mut self, user_pool_id: impl Into<String>) -> Self {
        self.user_pool_id = user_pool_id.into();
        self
    }

    /// Adds a user; the first one added replaces alice, bob and carol.
    #[must_use]
    pub fn user(mut self, user: LocalUser) -> Self {
        self.users.push(user);
        self
    }

    /// Lets people sign in by their `email` or `phone_number`, verified or not, instead of a username, which is a UUID.
    /// See "Customizing sign-in attributes" in Cognito's developer guide.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::local_pool::{LocalPoolConfig, LocalUser};
    ///
    /// let config = LocalPoolConfig::default()
    ///     .username_attributes(["email"])
    ///     .user(LocalUser::new("dave@example.com"));
    /// ```
    #[must_use]
    pub fn username_attributes<A>(mut self, attributes: A) -> Self
    where
        A: IntoIterator<Item: Into<String>>,
    {
        self.username_attributes = attributes.into_iter().map(Into::into).collect();
        self
    }

    /// Lets people sign in by their username or by one of these: a verified `email` or `phone_number`, or a
    /// `preferred_username`. A pool has these or [`username_attributes`](Self::username_attributes).
    ///
    /// Two users with the same verified alias are refused, by choice of this pool: Cognito moves the alias to the later
    /// one.
    #[must_use]
    pub fn alias_attributes<A>(mut self, attributes: A) -> Self
    where
        A: IntoIterator<Item: Into<String>>,
    {
        self.alias_attributes = attributes.into_iter().map(Into::into).collect();
        self
    }

    /// Whether capitals and small letters differ in names. With `true`, the default, `Dave` and `dave` are two users. With
    /// `false` they are one, and usernames of other providers are in lower case: `google_1234`. Pools made in Cognito's
    /// console ignore case; pools made through its API do so where that is set.
    #[must_use]
    pub fn case_sensitive(mut self, on: bool) -> Self {
        self.case_sensitive = on;
        self
    }

    /// Adds an app client.
    #[must_use]
    pub fn client(mut self, client: LocalClient) -> Self {
        self.clients.push(client);
        self
    }

    /// How long access tokens are valid: 1 to 86400, where Cognito begins at 300.
    #[must_use]
    pub fn access_token_seconds(mut self, seconds: u32) -> Self {
        self.access_token_seconds = seconds;
        self
    }

    /// How long ID tokens are valid: 1 to 86400, where Cognito begins at 300.
    #[must_use]
    pub fn id_token_seconds(mut self, seconds: u32) -> Self {
        self.id_token_seconds = seconds;
        self
    }

    /// How long a sign-in can be refreshed: 1 to 315360000 (3650 days), where Cognito begins at 3600.
    #[must_use]
    pub fn refresh_token_seconds(mut self, seconds: u32) -> Self {
        self.refresh_token_seconds = seconds;
        self
    }

    /// Whether each refresh brings a new refresh token, for the remaining life of the first. See "Refresh tokens"
    /// in Cognito's developer guide, where this is a setting of the app client.
    #[must_use]
    pub fn refresh_token_rotation(mut self, on: bool) -> Self {
        self.refresh_token_rotation = on;
        self
    }

    /// For how long a refresh token that has been replaced still works: 0 to 60, where 0 ends it at once.
    #[must_use]
    pub fn refresh_token_grace_seconds(mut self, seconds: u32) -> Self {
        self.refresh_token_grace_seconds = seconds;
        self
    }

    /// By how many seconds the pool's clock is ahead of the real one, or behind it: -86400 to 86400. See
    /// [`set_clock_skew_seconds`](crate::local_pool::LocalPool::set_clock_skew_seconds).
    #[must_use]
    pub fn clock_skew_seconds(mut self, seconds: i32) -> Self {
        self.clock_skew_seconds = seconds;
        self
    }

    /// Whether the sign-in page is Cognito's classic hosted UI, which ignores `prompt`: it asks nobody again who has a
    /// session, and sends nobody back who has none. See "User pool managed login" in Cognito's developer guide, where
    /// this is the branding version of the domain.
    #[must_use]
    pub fn classic_hosted_ui(mut self, on: bool) -> Self {
        self.classic_hosted_ui = on;
        self
    }

    /// Adds an identity provider that people may sign in by, by its name or as a
    /// [`LocalIdentityProvider`]. Those of the users' identities need not be added.
    #[must_use]
    pub fn identity_provider(mut self, provider: impl Into<LocalIdentityProvider>) -> Self {
        self.identity_providers.push(provider.into());
        self
    }

    /// How long a browser stays signed in at the pool, from its sign-in on: 0 to 7776000 (90 days), where 0 asks for every
    /// sign-in. See "Managing user sessions" in Cognito's developer guide, where this is a setting of the app client, in
    /// minutes.
    #[must_use]
    pub fn sso_seconds(mut self, seconds: u32) -> Self {
        self.sso_seconds = seconds;
        self
    }

    /// Keeps users, sessions, refresh tokens, registered clients and signing keys in this file over restarts, as [`LocalPoolConfig`] says under
    /// "State". A relative path counts from the working directory.
    #[must_use]
    pub fn state(mut self, path: impl Into<PathBuf>) -> Self {
        self.state = Some(path.into());
        self
    }

    /// How it deals with levels of sign-in.
    #[must_use]
    pub fn levels(mut self, levels: LocalLevels) -> Self {
        self.levels = levels;
        self
    }

    /// Tracks sessions.
    #[must_use]
    pub fn sessions(mut self, sessions: LocalSessions) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Lets clients register themselves while the pool runs (RFC 7591): see [`LocalRegistration`].
    #[must_use]
    pub fn registration(mut self, registration: LocalRegistration) -> Self {
        self.registration = Some(registration);
        self
    }

    /// The scopes that registered clients may have beside `openid`, `email`, `phone` and `profile`, such as those of your
    /// own APIs: 50 at most.
    #[must_use]
    pub fn registration_scopes<S>(mut self, scopes: S) -> Self
    where
        S: IntoIterator<Item: Into<String>>,
    {
        self.registration_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The table, or every mistake in it. `public` says how browsers may reach the pool.
    pub(crate) fn read(value: &Value, public: PlainHttp) -> Result<Self, Vec<TableMistake>> {
        let (config, mut mistakes) = read_table::<LocalPoolConfig>(value, FIELDS);
        mistakes.extend(config.mistakes(public));
        if mistakes.is_empty() { Ok(config) } else { Err(mistakes) }
    }

    /// The keys of the table, as messages list them.
    pub(crate) fn keys() -> String {
        names(FIELDS)
    }

    /// Looks for mistakes without starting a pool.
    ///
    /// # Errors
    /// What [`LocalPool::start`](crate::local_pool::LocalPool::start) would refuse of these settings, all of it
    /// together: [`Error::is_local_pool`](crate::Error::is_local_pool).
    pub fn check(&self) -> Result<(), Error> {
        let mistakes = self.mistakes(PlainHttp::Private);
        if mistakes.is_empty() { Ok(()) } else { Err(Error::local_pool(told("the local pool", &mistakes))) }
    }

    /// The table with its default users filled in, or every mistake in it.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        self.check()?;
        if self.users.is_empty() {
            self.users = LocalUser::defaults(&self.sign_in_names());
        }
        Ok(self)
    }

    /// Where it listens.
    pub(crate) fn ip(&self) -> IpAddr {
        reach::ip(self.address.as_deref())
    }

    /// Where this machine reaches it at this port.
    pub(crate) fn server_url(&self, port: u16) -> String {
        reach::server_url(self.ip(), port)
    }

    /// Where browsers reach it, if it listens at this port.
    pub(crate) fn base_url(&self, port: u16) -> String {
        let public = self.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        public.unwrap_or_else(|| self.server_url(port))
    }

    /// By what names people sign in.
    pub(in crate::local_pool) fn sign_in_names(&self) -> SignInNames {
        SignInNames {
            username_attributes: self.username_attributes.clone(),
            alias_attributes: self.alias_attributes.clone(),
            case_sensitive: self.case_sensitive,
        }
    }

    /// What Cognito would not accept, and where no pool can be. `public` says how browsers may reach it.
    fn mistakes(&self, public: PlainHttp) -> Vec<TableMistake> {
        let mut mistakes =
            reach::mistakes(self.address.as_deref(), &self.hosts, self.public_url.as_deref(), public);
        mistakes.extend(text_mistakes(&self.user_pool_id, self.state.as_deref()));
        mistakes.extend(number_mistakes([
            ("access_token_seconds", self.access_token_seconds.into()),
            ("id_token_seconds", self.id_token_seconds.into()),
            ("refresh_token_seconds", self.refresh_token_seconds.into()),
            ("refresh_token_grace_seconds", self.refresh_token_grace_seconds.into()),
            ("clock_skew_seconds", self.clock_skew_seconds.into()),
            ("sso_seconds", self.sso_seconds.into()),
        ]));
        mistakes.extend(self.levels.mistakes());
        mistakes.extend(self.sessions.iter().filter_map(LocalSessions::mistakes));
        mistakes.extend(LocalRegistration::mistakes(self.registration, &self.registration_scopes));
        let names = self.sign_in_names();
        mistakes.extend(names.mistakes().into_iter().map(|(key, problem)| TableMistake::new(key, problem)));
        mistakes.extend(identity_provider_mistakes(&self.identity_providers));
        mistakes.extend(entry_mistakes(&self.users, &self.clients, &names));
        mistakes
    }
}
