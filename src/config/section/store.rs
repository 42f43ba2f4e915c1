//! Where sessions lie on the server, if they do.

#[cfg(feature = "redis")]
use super::redis::RedisSettings;
use super::secret_keys::KeySettings;
use super::situation::Situation;
use crate::config::key;
use crate::config::reader::Reader;
use crate::config::setting::Key;
use crate::config::value::store_name::names_servers;
use crate::config::variable::remedy_at;
use crate::error::{Error, Mistake};

/// Nobody has more devices, and a list of them has to be read at once.
const MAX_SESSIONS_PER_USER: u64 = 1000;

/// The settings about cookies that a session in a store does not have: its tokens lie in the store.
const OF_TOKEN_COOKIES: [&Key; 2] = [&key::COOKIE_AGE_SECONDS.key, &key::REFRESH_COOKIE_ENCRYPTED.key];

/// The settings about a Redis or Valkey.
pub(super) const OF_REDIS: [&Key; 8] = [
    &key::SESSION_STORE_USERNAME.key,
    &key::SESSION_STORE_PASSWORD.key,
    &key::SESSION_STORE_PASSWORD_FILE.key,
    &key::SESSION_STORE_CA.key,
    &key::SESSION_STORE_CLIENT_CERT.key,
    &key::SESSION_STORE_CLIENT_KEY.key,
    &key::SESSION_STORE_MASTER.key,
    &key::SESSION_STORE_PREFIX.key,
];

/// A store that the settings can name.
#[derive(Debug, Clone)]
pub(crate) enum StoreKind {
    /// In this process, and gone with it.
    Memory,
    /// In a Redis or Valkey.
    #[cfg(feature = "redis")]
    Redis(Box<RedisSettings>),
}

/// The settings about the store for sessions. They count for a store that the app's code gives the fairing, too.
#[derive(Debug, Clone)]
pub(crate) struct StoreSettings {
    /// The store that the settings name.
    pub(crate) kind: Option<StoreKind>,
    /// Whether a sign-in begins a session in the store. If not, in cookies; sessions of both kinds are accepted.
    pub(crate) writes: bool,
    /// Beyond so many sessions of one user the one that was not seen for longest ends.
    pub(crate) sessions_per_user: usize,
    /// Whether bearer tokens of sessions that were signed out are refused.
    pub(crate) bearer_denylist: bool,
    /// Whether an app whose store is out of reach does not launch.
    pub(crate) is_required_at_launch: bool,
    /// The names of settings that are set, and that a session in the store has no use for.
    pub(crate) idle_settings: Vec<&'static str>,
    /// What is wrong if the app's code gives a second store, or if nothing gives any.
    mistakes: Vec<Mistake>,
}

impl StoreSettings {
    pub(crate) fn read(reader: &mut Reader, situation: &Situation<'_>) -> StoreSettings {
        let kind = kind(reader, situation);
        let bearer_denylist = reader.flag(&key::BEARER_DENYLIST);
        let is_required = reader.flag(&key::REQUIRE_STORE_AT_LAUNCH);
        let per_user = reader.number(&key::SESSIONS_PER_USER, 1..=MAX_SESSIONS_PER_USER);
        let needs =
            [(bearer_denylist, &key::BEARER_DENYLIST.key), (is_required, &key::REQUIRE_STORE_AT_LAUNCH.key)];
        let needs = needs.into_iter().filter(|(is_on, _)| *is_on).map(|(_, key)| key);
        StoreSettings {
            writes: reader.flag(&key::SESSION_STORE_WRITES),
            sessions_per_user: usize::try_from(per_user).unwrap_or(usize::MAX),
            bearer_denylist,
            is_required_at_launch: is_required && !situation.is_disabled,
            idle_settings: names_of_set(reader, OF_TOKEN_COOKIES),
            mistakes: match &kind {
                Some(_) => vec![second_store(reader)],
                None => needs.map(|key| no_store(reader, situation, key)).collect(),
            },
            kind,
        }
    }

    /// Refuses keys that are made for one launch beside a store that outlives it.
    pub(crate) fn check_keys(&self, reader: &mut Reader, keys: &KeySettings, situation: &Situation<'_>) {
        let is_shared = self.kind.as_ref().is_some_and(|kind| !matches!(kind, StoreKind::Memory));
        if is_shared && keys.are_random && !situation.is_disabled {
            let problem = "is not set, and a key made for this launch would open nothing in `session_store` at the next \
                           launch, nor at another instance";
            reader.refuse(&key::SECRET_KEYS, problem, key::SECRET_KEYS.remedy);
        }
    }

    /// Checks that there are not two stores, and that there is one where a setting needs it. `is_given`: the app's code
    /// gives the fairing a store.
    ///
    /// # Errors
    /// When there are two, or none and a setting needs one.
    pub(crate) fn check(&self, is_given: bool) -> Result<(), Error> {
        match self.kind.is_some() != is_given || self.mistakes.is_empty() {
            true => Ok(()),
            false => Err(Error::settings(self.mistakes.clone())),
        }
    }
}

fn kind(reader: &mut Reader, situation: &Situation<'_>) -> Option<StoreKind> {
    #[cfg(feature = "redis")]
    if reader.value(&key::SESSION_STORE).is_some_and(names_servers) {
        return Some(StoreKind::Redis(Box::new(RedisSettings::read(reader))));
    }
    #[cfg(not(feature = "redis"))]
    if refuse_without_feature(reader) {
        return None;
    }
    refuse_without_redis(reader);
    let kind = reader.parse(&key::SESSION_STORE, |text| match text.eq_ignore_ascii_case("memory") {
        true => Ok(StoreKind::Memory),
        false => Err("names no store that this crate has".into()),
    });
    if kind.is_some() && !situation.allows_unsafe_modes {
        let profile = reader.profile().clone();
        let problem = format!(
            "must not be \"memory\" in profile \"{profile}\": that store dies with the process, and every session in it"
        );
        let remedy = format!(
            "leave `session_store` out (sessions then lie in cookies), or take a store that outlives the process: \
             session_store = \"rediss://cache.example.com:6379\", or, in the app's code, \
             `Cognito::fairing().session_store(…)`; or, if profile \"{profile}\" is for tests only: \
             unsafe_in_profile = \"{profile}\""
        );
        reader.refuse(&key::SESSION_STORE, problem, &remedy);
    }
    kind
}

/// Refuses what is about a Redis or Valkey where there is none.
fn refuse_without_redis(reader: &mut Reader) {
    for key in OF_REDIS {
        if reader.is_set(key) {
            let problem = "is about a Redis or Valkey, and `session_store` names none";
            let remedy =
                format!("leave `{}` out, or: session_store = \"rediss://cache.example.com:6379\"", key.name);
            reader.refuse(key, problem, &remedy);
        }
    }
}

/// Refuses what is about a Redis or Valkey in an app that was built without it, and returns whether there was any.
#[cfg(any(not(feature = "redis"), test))]
pub(in crate::config) fn refuse_without_feature(reader: &mut Reader) -> bool {
    let names_servers = reader.value(&key::SESSION_STORE).is_some_and(names_servers);
    let set = OF_REDIS.into_iter().filter(|key| reader.is_set(key));
    let needing: Vec<_> = names_servers.then_some(&key::SESSION_STORE.key).into_iter().chain(set).collect();
    for key in &needing {
        let problem = "is about a Redis or Valkey, and this app is built without the feature `redis`";
        let remedy = format!(
            "in Cargo.toml: rocket_cognito = {{ path = \"../rocket_cognito\", features = [\"redis\"] }}; or leave `{}` out",
            key.name
        );
        reader.refuse(key, problem, &remedy);
    }
    !needing.is_empty()
}

fn names_of_set(reader: &Reader, keys: impl IntoIterator<Item = &'static Key>) -> Vec<&'static str> {
    keys.into_iter().filter(|key| reader.is_set(key)).map(|key| key.name).collect()
}

fn second_store(reader: &Reader) -> Mistake {
    mistake(
        reader,
        &key::SESSION_STORE,
        "names a store, and the app's code gives the fairing another one: only one of them can count",
        "leave `session_store` out, or take `.session_store(…)` out of the app's code",
    )
}

fn no_store(reader: &Reader, situation: &Situation<'_>, key: &Key) -> Mistake {
    let in_memory = if situation.allows_unsafe_modes { "session_store = \"memory\"; or " } else { "" };
    let in_redis =
        if cfg!(feature = "redis") { "session_store = \"rediss://cache.example.com:6379\"; or " } else { "" };
    let remedy = format!(
        "{} = false; or {in_memory}{in_redis}give the fairing a store: `Cognito::fairing().session_store(…)`",
        key.name
    );
    mistake(reader, key, "is on, and there is no store for sessions", &remedy)
}

fn mistake(reader: &Reader, key: &Key, problem: &str, remedy: &str) -> Mistake {
    let origin = reader.origin(key.name);
    Mistake {
        key: key.name.into(),
        problem: problem.into(),
        expected: key.expected.into(),
        remedy: remedy_at(&origin, remedy),
        origin,
    }
}
