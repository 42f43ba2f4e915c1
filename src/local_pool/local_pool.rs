//! The pool as a program or a test holds it: started, asked, disturbed, stopped.

use std::net::SocketAddr;
use std::sync::Arc;

use rocket::tokio::runtime::Handle;
use rocket::tokio::task::spawn_blocking;

use super::config::{LocalPoolConfig, LocalTrigger, LocalUser};
use super::fault::{Failure, Hold};
use super::open::open;
use super::server::Server;
use super::state::{LocalTokens, Pool};
use super::state_writer::StateWriter;
use crate::clock;
use crate::crypto::Secret;
use crate::error::Error;
use crate::telemetry::{Event, emit};

/// A running pool. It stops when dropped; [`stop`](Self::stop) also waits until its port is free.
///
/// Its functions know a user by any name that signs them in, such as an alias.
#[must_use = "the pool stops when dropped"]
pub struct LocalPool {
    pool: Arc<Pool>,
    // Before the state is written for the last time, it stops.
    server: Server,
    state: Option<StateWriter>,
}

impl LocalPool {
    /// Starts a pool on the current tokio runtime, and returns once it answers. It listens on `127.0.0.1`, unless its
    /// [`address`](LocalPoolConfig::address) says otherwise, at its [`port`](LocalPoolConfig::port): without one at 9400
    /// where that is free, and at any free port otherwise.
    ///
    /// # Errors
    /// When the settings are wrong (all mistakes are reported together), the given port is taken, the
    /// [`state`](LocalPoolConfig::state) is another pool's or cannot be read and written, or there is no tokio runtime:
    /// [`Error::is_local_pool`](crate::Error::is_local_pool). The text says what to type.
    pub async fn start(config: LocalPoolConfig) -> Result<LocalPool, Error> {
        Handle::try_current().map_err(|_| {
            Error::local_pool("the local pool needs a tokio runtime: start it under `#[rocket::main]`")
        })?;
        let config = config.checked()?;
        let opened = spawn_blocking(move || open(config)).await;
        let (pool, file) = opened
            .unwrap_or_else(|_| Err(Error::local_pool("the local pool stopped while it was starting")))?;
        let pool = Arc::new(pool);
        let state = match file {
            Some(file) => Some(StateWriter::start(pool.clone(), file).await?),
            None => None,
        };
        let server = Server::launch(pool.clone()).await?;
        let address = pool.config.ip();
        if !address.is_loopback() {
            emit(Event::LocalPoolExposed { address });
        }
        Ok(LocalPool { pool, server, state })
    }

    /// The address of the pool's pages for browsers, such as `http://127.0.0.1:9400`: the `domain` setting.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.pool.base_url()
    }

    /// Where this machine reaches it, such as `http://127.0.0.1:9400`: the [`base_url`](Self::base_url), unless there is a
    /// [`public_url`](LocalPoolConfig::public_url). It is the `server_domain` setting of an app beside it.
    #[must_use]
    pub fn server_url(&self) -> String {
        self.pool.server_url()
    }

    /// Where it listens: `127.0.0.1:9400`, or, with an [`address`](LocalPoolConfig::address), `0.0.0.0:9400`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.pool.address()
    }

    /// The issuer in its tokens: the base URL and the pool id.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.pool.issuer()
    }

    /// The pool id, such as `eu-west-1_LocalPool`.
    #[must_use]
    pub fn user_pool_id(&self) -> &str {
        &self.pool.config.user_pool_id
    }

    /// How many requests an endpoint has had, by its path: `/oauth2/token`, or
    /// `/eu-west-1_LocalPool/.well-known/jwks.json`. Paths the pool does not serve are not counted.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// assert_eq!(pool.requests("/oauth2/token"), 0);
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn requests(&self, path: &str) -> u64 {
        self.pool.control(path).map_or(0, |control| control.requests())
    }

    /// The tokens a sign-in with all the client's scopes would give, without HTTP, for tests of
    /// guarded routes. `None` when the pool has no such user or client, when the user is disabled, has to confirm the
    /// sign-up or to choose a new password first, or when the client lacks the `openid` scope.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
    ///
    /// let config = LocalPoolConfig::default().port(0).client(LocalClient::new("shop"));
    /// let pool = LocalPool::start(config).await?;
    /// let tokens = pool.sign_in("alice", "shop").expect("both are in the pool");
    /// let header = format!("Bearer {}", tokens.access_token);
    /// # assert!(header.len() > 500);
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn sign_in(&self, username: &str, client_id: &str) -> Option<LocalTokens> {
        self.pool.sign_in(username, client_id)
    }

    /// The access token that a machine client would get for all its scopes, without HTTP, for tests of guarded routes.
    /// `None` when the pool has no client of this id with
    /// [`client_credentials`](super::LocalClient::client_credentials).
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
    ///
    /// let worker = LocalClient::new("worker").secret("s3cret").scope("orders/read").client_credentials();
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0).client(worker)).await?;
    /// let token = pool.machine_token("worker").expect("worker is a machine");
    /// let header = format!("Bearer {token}");
    /// # assert!(header.len() > 500);
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn machine_token(&self, client_id: &str) -> Option<String> {
        self.pool.machine_token(client_id)
    }

    /// Replaces both signing keys. The old public keys stay in the JWKS until the next rotation, so
    /// that live tokens still verify. Generating keys takes a moment, during which this blocks.
    pub fn rotate_keys(&self) {
        self.pool.keys.rotate();
    }

    /// Takes the keys that [`rotate_keys`](Self::rotate_keys) replaced out of the JWKS: tokens signed with them no
    /// longer verify.
    pub fn forget_old_keys(&self) {
        self.pool.keys.forget_old();
    }

    /// Sets the clock of the pool this many seconds ahead of the real one, or behind it: -86400 to 86400, and at
    /// most that. `iat`, `exp` and `auth_time` in tokens follow it; how long codes, sessions and refresh tokens
    /// last does not.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.set_clock_skew_seconds(-7200); // Tokens from now on have expired when they arrive.
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn set_clock_skew_seconds(&self, seconds: i32) {
        self.pool.set_clock_skew_seconds(seconds);
    }

    /// Replaces the groups of a user: tokens show it from the next refresh or sign-in on, as at Cognito.
    ///
    /// # Errors
    /// When the pool has no such user, or a group's name is none of Cognito's; then nothing changes.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.set_groups("alice", ["admin", "editor"])?;
    /// pool.set_groups("bob", Vec::<String>::new())?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn set_groups<G>(&self, username: &str, groups: G) -> Result<(), Error>
    where
        G: IntoIterator<Item: Into<String>>,
    {
        let groups = groups.into_iter().map(Into::into).collect();
        self.pool.users.change(username, |user| user.set_groups(groups))
    }

    /// Refuses a user every sign-in and refresh, and `/oauth2/userInfo`, as `AdminDisableUser` does. Access
    /// tokens that are out are revoked, and stay valid for whoever checks their signature alone, such as the guards. Refresh
    /// tokens count again from [`enable_user`](Self::enable_user) on.
    ///
    /// # Errors
    /// When the pool has no such user.
    pub fn disable_user(&self, username: &str) -> Result<(), Error> {
        self.pool.disable_user(username)
    }

    /// Ends what [`disable_user`](Self::disable_user) began.
    ///
    /// # Errors
    /// When the pool has no such user.
    pub fn enable_user(&self, username: &str) -> Result<(), Error> {
        self.pool.users.change(username, |user| {
            user.disabled = false;
            Ok(())
        })
    }

    /// Adds a user, who can sign in at once.
    ///
    /// # Errors
    /// When Cognito would refuse the user, such as for a username or an alias that somebody has; then nothing changes.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig, LocalUser};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.add_user(LocalUser::new("dave").group("admin"))?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn add_user(&self, user: LocalUser) -> Result<(), Error> {
        self.pool.users.add(user, clock::now())
    }

    /// Removes a user, with their sessions and refresh tokens, as `AdminDeleteUser` does. Tokens that are out stay valid
    /// for whoever checks their signature alone, such as the guards. Users who are added later have a `sub` of their own,
    /// whatever their name.
    ///
    /// # Errors
    /// When the pool has no such user.
    pub fn remove_user(&self, username: &str) -> Result<(), Error> {
        self.pool.remove_user(username, None)
    }

    /// Sets an attribute of a user, such as `name`, `email` or `custom:team`; `email_verified` is `"true"` or `"false"`.
    /// An address or number that changes is no longer verified, as at Cognito: set `email_verified` after `email`. Tokens show it from the next refresh or sign-in on, and `/oauth2/userInfo` at once.
    ///
    /// # Errors
    /// When the pool has no such user, Cognito would refuse the attribute, or there is no address or number that could be
    /// verified; then nothing changes.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.set_attribute("alice", "custom:team", "blue")?;
    /// pool.remove_attribute("bob", "email")?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn set_attribute(&self, username: &str, name: &str, value: impl Into<String>) -> Result<(), Error> {
        self.pool.users.change(username, |user| user.set_attribute(name, value.into()))
    }

    /// Removes an attribute of a user, and with an address or number what says that it is verified.
    ///
    /// # Errors
    /// When the pool has no such user, or Cognito has no such attribute or keeps it, such as `sub`.
    pub fn remove_attribute(&self, username: &str, name: &str) -> Result<(), Error> {
        self.pool.users.change(username, |user| user.remove_attribute(name))
    }

    /// Replaces what a trigger does to the tokens of a user, from the next refresh or sign-in on.
    ///
    /// # Errors
    /// When the pool has no such user, or no trigger may set such a claim; then nothing changes.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig, LocalTrigger};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.set_trigger("alice", LocalTrigger::new().access_claim("tenant", "acme"))?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn set_trigger(&self, username: &str, trigger: LocalTrigger) -> Result<(), Error> {
        self.pool.users.change(username, |user| user.set_trigger(trigger))
    }

    /// Replaces what a trigger does to the tokens of a machine, from the next one on.
    ///
    /// # Errors
    /// When the pool has no such machine, or no trigger may set such a claim; then nothing changes.
    pub fn set_machine_trigger(&self, client_id: &str, trigger: LocalTrigger) -> Result<(), Error> {
        self.pool.machine_triggers.set(client_id, trigger)
    }

    /// Replaces the secrets of a client of the settings, by one, or by two of which either works, until the pool stops.
    ///
    /// # Errors
    /// When the settings have no client of this id with a secret, or these are not one or two different texts; then
    /// nothing changes.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
    /// let config = LocalPoolConfig::default().port(0).client(LocalClient::new("shop").secret("old"));
    /// let pool = LocalPool::start(config).await?;
    /// pool.set_client_secrets("shop", ["new", "old"])?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn set_client_secrets<S>(&self, client_id: &str, secrets: S) -> Result<(), Error>
    where
        S: IntoIterator<Item: Into<String>>,
    {
        let secrets = secrets.into_iter().map(Secret::new).collect();
        self.pool.clients.set_secrets(client_id, secrets).map_err(|refusal| refusal.of(client_id))
    }

    /// Lets every request to an endpoint fail until [`recover`](Self::recover): none of them is carried out.
    /// Paths are those of [`requests`](Self::requests), which counts these requests too.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// use rocket_cognito::local_pool::{Failure, LocalPool, LocalPoolConfig};
    ///
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// pool.fail("/oauth2/token", Failure::Throttled { retry_after: Some(7) });
    /// // A test of how the app bears it, and then:
    /// pool.recover("/oauth2/token");
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn fail(&self, path: &str, failure: Failure) {
        self.pool.plan(path, Some(failure), None);
    }

    /// Lets the next `requests` requests to an endpoint fail, and no more.
    pub fn fail_next(&self, path: &str, requests: u32, failure: Failure) {
        self.pool.plan(path, Some(failure), Some(requests));
    }

    /// Ends what [`fail`](Self::fail) or [`fail_next`](Self::fail_next) began.
    pub fn recover(&self, path: &str) {
        self.pool.plan(path, None, None);
    }

    /// Holds back the answers of an endpoint until the [`Hold`] is dropped. Requests are carried out at once, and
    /// whatever they change has changed: a pool that is slow, or whose answer is lost on the way.
    ///
    /// # Example
    /// ```rust
    /// # rocket::async_test(async {
    /// # use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
    /// let pool = LocalPool::start(LocalPoolConfig::default().port(0)).await?;
    /// let hold = pool.hold("/oauth2/token");
    /// // With a request on its way, `hold.reached(1).await` returns once its answer waits.
    /// drop(hold);
    /// # Ok::<(), rocket_cognito::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn hold(&self, path: &str) -> Hold {
        Hold::of(self.pool.control(path).map(|control| control.gate.clone()).unwrap_or_default())
    }

    /// The names by which its users sign in now, the oldest user first: usernames, or addresses and numbers where
    /// usernames are UUIDs.
    #[must_use]
    pub fn usernames(&self) -> Vec<String> {
        let users = self.pool.users.all();
        users.iter().map(|user| user.sign_in_name(self.pool.users.names())).collect()
    }

    /// The ids of its clients, in the table's order.
    #[must_use]
    pub fn client_ids(&self) -> Vec<&str> {
        self.pool.config.clients.iter().map(|client| client.client_id.as_str()).collect()
    }

    /// Stops serving and waits until the port is free, and the [`state`](LocalPoolConfig::state) written.
    pub async fn stop(self) {
        self.server.stop().await;
        let _ = spawn_blocking(move || drop(self.state)).await;
    }
}
