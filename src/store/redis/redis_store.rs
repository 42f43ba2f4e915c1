//! The store for sessions in Redis or Valkey.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use figment::Figment;
use redis::{Cmd, Value};

use super::connect::{Dialer, NotConnected};
use super::connection::Connection;
use super::credentials::{AppCredentials, CredentialsSource};
use super::failure::Failure;
use super::link::Link;
use super::note::Note;
use super::reply::Reply;
use super::script::{
    CHECK, CLAIM, CREATE, GIVE_BACK, KEEP, REMOVE, REMOVE_ALL, REPLACE, Script, TOUCH, TURN,
};
use super::script_answer::{ScriptAnswer, session_key, strange};
use super::server_clock::milliseconds;
use crate::clock::Clock;
use crate::config::RedisSettings;
use crate::error::Error;
use crate::store::error::StoreError;
use crate::store::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use crate::store::session_store::SessionStore;
use crate::store::stored_session::{Claim, Listed, Replaced, StoredSession, Turn};
use crate::telemetry::{Counts, Event, emit};

/// Sessions in a Redis or Valkey that all instances of an app share.
///
/// The setting `session_store` gives the fairing one, so that an app needs no line of code for it. This type is for tools
/// beside an app and for tests. It connects with the first command, in a task of its own that ends with the value, and
/// connects anew whenever that is needed.
///
/// # Example
/// ```rust,no_run
/// use rocket_cognito::Clock;
/// use rocket_cognito::store::{RedisStore, SessionStore};
///
/// # async fn is_there() -> Result<(), Box<dyn std::error::Error>> {
/// let store = RedisStore::from_figment(&rocket::Config::figment(), &Clock::default())?;
/// store.check().await?;
/// # Ok(())
/// # }
/// ```
pub struct RedisStore {
    link: Link,
    prefix: String,
    clock: Clock,
}

impl RedisStore {
    pub(crate) fn new(
        settings: RedisSettings,
        credentials: CredentialsSource,
        clock: &Clock,
        counts: &Arc<Counts>,
    ) -> Self {
        let prefix = settings.prefix.clone();
        let dialer = Dialer::new(settings, credentials, counts);
        RedisStore { link: Link::new(dialer), prefix, clock: clock.clone() }
    }

    /// The store that the settings `session_store` and `session_store_…` name. The others are not looked at.
    ///
    /// # Errors
    /// When one of them is wrong, and when they name no Redis or Valkey.
    ///
    /// # Example
    /// ```rust
    /// use figment::Figment;
    /// use rocket_cognito::Clock;
    /// use rocket_cognito::store::RedisStore;
    ///
    /// let settings = Figment::new().merge(("cognito.session_store", "redis://127.0.0.1:6379"));
    /// let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
    /// # let _ = store;
    /// let error = RedisStore::from_figment(&Figment::new(), &Clock::default()).unwrap_err();
    /// assert!(error.to_string().contains("session_store"));
    /// ```
    pub fn from_figment(figment: &Figment, clock: &Clock) -> Result<Self, Error> {
        let settings = RedisSettings::load(figment)?;
        // Nobody reads what it counts.
        Ok(RedisStore::new(settings, CredentialsSource::Settings, clock, &Arc::default()))
    }

    /// Signs in with what `ask` returns, as [`Cognito::store_credentials`](crate::Cognito::store_credentials) does.
    ///
    /// # Errors
    /// When the settings have a user name or a password.
    ///
    /// # Example
    /// ```rust
    /// use figment::Figment;
    /// use rocket_cognito::Clock;
    /// use rocket_cognito::store::{RedisStore, StoreCredentials};
    ///
    /// # async fn token() -> std::io::Result<String> { Ok(String::new()) }
    /// let settings = Figment::new().merge(("cognito.session_store", "rediss://cache.example.com:6379"));
    /// let store = RedisStore::from_figment(&settings, &Clock::default()).unwrap();
    /// let store = store.credentials(|| async { Ok(StoreCredentials::new("app", token().await?)) }).unwrap();
    /// # let _ = store;
    /// ```
    pub fn credentials<A, F>(self, ask: A) -> Result<Self, Error>
    where
        A: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = AppCredentials> + Send + 'static,
    {
        self.link.settings().check_credentials(true)?;
        Ok(RedisStore { link: self.link.with_credentials(CredentialsSource::app(ask)), ..self })
    }

    /// Waits until the first attempt to connect has succeeded or failed. That the server is out of reach is no error, since
    /// it may come.
    ///
    /// # Errors
    /// When what is there is not what the settings describe.
    pub(crate) async fn connect(&self) -> Result<(), Error> {
        match self.link.first_attempt().await {
            Err(NotConnected::Misconfigured { problem, remedy }) => {
                Err(self.link.settings().refused(&problem, remedy))
            }
            Ok(()) | Err(NotConnected::Unavailable(_) | NotConnected::NotAdmitted(_)) => Ok(()),
        }
    }

    /// The name of a user's entry, or of a single value.
    fn key(&self, name: &impl fmt::Display) -> Vec<u8> {
        format!("{}{name}", self.prefix).into_bytes()
    }

    /// Sends a command about a user's entry; `None` where something else lies at its place, which is as good as nothing.
    async fn send(&self, command: &Cmd) -> Result<Option<(Value, Arc<Connection>)>, StoreError> {
        let ends_at = Link::deadline();
        let connection = self.link.connection(ends_at).await?;
        match self.link.call(&connection, command, ends_at).await {
            Ok(answer) => Ok(Some((answer, connection))),
            Err(Failure::WrongType) => Ok(None),
            Err(failure) => Err(failure.into_error()),
        }
    }

    /// Runs a script, and returns its answer behind the time, which comes first; nothing where something else lies there.
    async fn run(
        &self,
        script: &Script,
        key: &[u8],
        arguments: &[&[u8]],
    ) -> Result<ScriptAnswer, StoreError> {
        let ahead = self.clock.ahead();
        let ahead_text = milliseconds(ahead).to_string();
        let arguments = [&[ahead_text.as_bytes()], arguments].concat();
        let ends_at = Link::deadline();
        let connection = self.link.connection(ends_at).await?;
        let by_name = script.by_name(key, &arguments);
        let answer = match self.link.call(&connection, &by_name, ends_at).await {
            Err(Failure::UnknownScript) => {
                self.link.call(&connection, &script.in_full(key, &arguments), ends_at).await
            }
            answer => answer,
        };
        let value = match answer {
            Ok(value) => value,
            Err(Failure::WrongType) => return Ok(ScriptAnswer::nothing()),
            Err(failure) => return Err(failure.into_error()),
        };
        let answer = ScriptAnswer::new(value)?;
        connection.clock.set(answer.now.saturating_sub(milliseconds(ahead)));
        Ok(answer)
    }

    fn now(&self, connection: &Connection) -> u64 {
        connection.clock.now(self.clock.ahead())
    }
}

/// The name of the note beside a session's value.
fn note_name(session: &SessionKey) -> Vec<u8> {
    [session.as_bytes().as_slice(), b"m"].concat()
}

/// Without the address, which may hold a password.
impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[rocket::async_trait]
impl SessionStore for RedisStore {
    async fn load(&self, at: &SessionAddress) -> Result<Option<StoredSession>, StoreError> {
        let mut command = Cmd::new();
        command.arg("HMGET").arg(self.key(&at.user));
        command.arg(at.session.as_bytes().as_slice()).arg(note_name(&at.session));
        let Some((answer, connection)) = self.send(&command).await? else { return Ok(None) };
        let mut reply = Reply::new(answer);
        let (Some(value), Some(note)) = (reply.bytes(), reply.bytes()) else { return Ok(None) };
        Ok(read(&note).and_then(|note| note.session(value, self.now(&connection))))
    }

    async fn create(
        &self,
        at: &SessionAddress,
        value: &[u8],
        life: Duration,
        cap: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let (life, cap) = (milliseconds(life).to_string(), cap.max(1).to_string());
        let arguments = [at.session.as_bytes(), value, life.as_bytes(), cap.as_bytes()];
        let mut answer = self.run(&CREATE, &self.key(&at.user), &arguments).await?;
        match answer.text().as_deref() {
            Some("created") => answer.listed(),
            Some("taken") => {
                Err(StoreError::Refused("there is a session at this address already".to_owned()))
            }
            _ => Err(strange()),
        }
    }

    async fn turn(
        &self,
        at: &SessionAddress,
        generation: u64,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<Turn, StoreError> {
        let (generation, owner) = (generation.to_string(), owner.to_string());
        let lease = milliseconds(lease).to_string();
        let arguments = [at.session.as_bytes(), generation.as_bytes(), owner.as_bytes(), lease.as_bytes()];
        let mut answer = self.run(&TURN, &self.key(&at.user), &arguments).await?;
        match answer.text().as_deref() {
            Some("gone") | None => Ok(Turn::Gone),
            Some("other") => Ok(Turn::Other(answer.session()?)),
            Some("rests") => Ok(Turn::Rests(answer.duration()?)),
            Some("held") => Ok(Turn::Held(answer.duration()?)),
            Some("yours") => {
                let taken_over = answer.number()? == 1;
                let failures = answer.number()?.try_into().unwrap_or(u32::MAX);
                Ok(Turn::Yours { taken_over, failures })
            }
            Some(_) => Err(strange()),
        }
    }

    async fn keep(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let (owner, lease) = (owner.to_string(), milliseconds(lease).to_string());
        let arguments = [at.session.as_bytes(), owner.as_bytes(), lease.as_bytes()];
        let mut answer = self.run(&KEEP, &self.key(&at.user), &arguments).await?;
        Ok(answer.number().ok() == Some(1))
    }

    async fn give_back(
        &self,
        at: &SessionAddress,
        owner: &LeaseOwner,
        rest: Duration,
    ) -> Result<(), StoreError> {
        let (owner, rest) = (owner.to_string(), milliseconds(rest).to_string());
        let arguments = [at.session.as_bytes(), owner.as_bytes(), rest.as_bytes()];
        self.run(&GIVE_BACK, &self.key(&at.user), &arguments).await.map(drop)
    }

    async fn replace(
        &self,
        at: &SessionAddress,
        generation: u64,
        value: &[u8],
        life: Duration,
    ) -> Result<Replaced, StoreError> {
        let (generation, life) = (generation.to_string(), milliseconds(life).to_string());
        let arguments = [at.session.as_bytes(), generation.as_bytes(), value, life.as_bytes()];
        let mut answer = self.run(&REPLACE, &self.key(&at.user), &arguments).await?;
        match answer.text().as_deref() {
            Some("done") => Ok(Replaced::Done),
            Some("gone") | None => Ok(Replaced::Gone),
            Some("other") => Ok(Replaced::Other(answer.session()?)),
            Some(_) => Err(strange()),
        }
    }

    async fn touch(&self, at: &SessionAddress, life: Duration) -> Result<(), StoreError> {
        let life = milliseconds(life).to_string();
        let arguments = [at.session.as_bytes(), life.as_bytes()];
        self.run(&TOUCH, &self.key(&at.user), &arguments).await.map(drop)
    }

    async fn remove(
        &self,
        at: &SessionAddress,
        generation: Option<u64>,
    ) -> Result<Option<StoredSession>, StoreError> {
        let generation = generation.map(|generation| generation.to_string()).unwrap_or_default();
        let arguments = [at.session.as_bytes(), generation.as_bytes()];
        let answer = self.run(&REMOVE, &self.key(&at.user), &arguments).await?;
        Ok(answer.listed()?.pop().map(|listed| listed.session))
    }

    async fn list(&self, user: &UserKey) -> Result<Vec<Listed>, StoreError> {
        let mut command = Cmd::new();
        command.arg("HGETALL").arg(self.key(user));
        let Some((answer, connection)) = self.send(&command).await? else { return Ok(Vec::new()) };
        let (mut reply, now) = (Reply::new(answer), self.now(&connection));
        let mut fields = std::collections::BTreeMap::new();
        while let (Some(name), Some(text)) = (reply.bytes(), reply.bytes()) {
            fields.insert(name, text);
        }
        let keys: Vec<_> = fields.keys().filter_map(|name| session_key(name)).collect();
        let listed = keys.into_iter().filter_map(|key| {
            let value = fields.remove(key.as_bytes().as_slice())?;
            let session = read(fields.get(&note_name(&key))?)?.session(value, now)?;
            Some(Listed { key, session })
        });
        Ok(listed.collect())
    }

    async fn remove_all(
        &self,
        user: &UserKey,
        except: Option<&SessionKey>,
    ) -> Result<Vec<Listed>, StoreError> {
        let except = except.map(|key| key.as_bytes().as_slice()).unwrap_or_default();
        self.run(&REMOVE_ALL, &self.key(user), &[except]).await?.listed()
    }

    async fn claim(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<Claim, StoreError> {
        let life = milliseconds(life).to_string();
        let mut answer = self.run(&CLAIM, &self.key(key), &[value, life.as_bytes()]).await?;
        Ok(answer.bytes().map_or(Claim::Yours, Claim::Taken))
    }

    async fn put(&self, key: &ItemKey, value: &[u8], life: Duration) -> Result<(), StoreError> {
        let deadline = Link::deadline();
        let connection = self.link.connection(deadline).await?;
        let life = milliseconds(life).max(1);
        let ends_at = self.now(&connection).saturating_add(life);
        let mut command = Cmd::new();
        command.arg("SET").arg(self.key(key)).arg([format!("{ends_at} ").as_bytes(), value].concat());
        command.arg("PX").arg(life);
        self.link.call(&connection, &command, deadline).await.map(drop).map_err(Failure::into_error)
    }

    async fn get(&self, key: &ItemKey) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = Cmd::new();
        command.arg("GET").arg(self.key(key));
        let Some((answer, connection)) = self.send(&command).await? else { return Ok(None) };
        let Some(mut value) = Reply::new(answer).bytes() else { return Ok(None) };
        let Some(space) = value.iter().position(|byte| *byte == b' ') else { return Ok(None) };
        let stored = value.split_off(space + 1);
        let ends_at = std::str::from_utf8(&value).ok().and_then(|text| text.trim_end().parse::<u64>().ok());
        Ok(ends_at.is_some_and(|ends_at| ends_at > self.now(&connection)).then_some(stored))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.run(&CHECK, &self.key(&"check"), &[]).await.map(drop)
    }
}

/// The note, unless another release wrote it.
fn read(note: &[u8]) -> Option<Note> {
    let parsed = Note::parse(note);
    if parsed.is_none() {
        let reason = "a release of this crate that this one does not know wrote it";
        emit(Event::StoredValueUnreadable { reason });
    }
    parsed
}
