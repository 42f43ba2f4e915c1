//! Whether the embedded local pool is wanted, and whether it may run here.

use std::iter;

use figment::value::{Dict, Value};

use super::level_names::LevelNames;
use super::unsafe_modes;
use crate::config::key;
use crate::config::reader::Reader;
use crate::crypto::Secret;

/// The setting `local_pool` where it is on: its table, empty for `true`.
#[cfg_attr(test, derive(Debug))]
#[cfg_attr(
    not(feature = "local-pool"),
    expect(dead_code, reason = "without the feature it is always an error")
)]
pub(crate) struct LocalPoolTable {
    pub(crate) value: Value,
    /// Where it was read, for messages about its content.
    pub(crate) origin: String,
}

/// What the embedded local pool fills in for settings that are not given.
#[derive(Debug, Clone)]
pub(crate) struct LocalPoolDefaults {
    /// The pool's address for browsers, such as `http://localhost:9400`: domain, and with the pool id the issuer.
    pub(crate) base_url: String,
    /// Where this process reaches it, such as `http://127.0.0.1:9400`.
    pub(crate) server_url: String,
    pub(crate) user_pool_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) level_names: LevelNames,
}

/// Records the mistakes in `local_pool` itself.
pub(crate) fn requested(reader: &mut Reader, may_run: bool) -> Option<Value> {
    let pool = match reader.value(&key::LOCAL_POOL)?.clone() {
        Value::Bool(_, false) => return None,
        Value::Bool(tag, true) => Value::Dict(tag, Dict::new()),
        table @ Value::Dict(..) => table,
        _ => {
            reader.wrong(&key::LOCAL_POOL, "is neither true nor false (without quotes) nor a table");
            return None;
        }
    };
    if !cfg!(feature = "local-pool") {
        reader.refuse(
            &key::LOCAL_POOL,
            "needs the feature `local-pool`, which is off",
            "cargo add rocket_cognito --features local-pool",
        );
    }
    if !may_run {
        unsafe_modes::refuse(reader, &key::LOCAL_POOL, false, unsafe_modes::LETS_ANYONE_IN);
    }
    Some(pool)
}

/// What to type for an app to work without AWS.
pub(crate) fn first_step(reader: &Reader) -> String {
    let needs_feature = if cfg!(feature = "local-pool") {
        ""
    } else {
        "after `cargo add rocket_cognito --features local-pool`, "
    };
    format!(
        "to work without AWS, {needs_feature}type under [{}.cognito]: local_pool = true",
        reader.profile()
    )
}

/// A client without an app has nobody who starts it.
pub(crate) fn refuse_without_app(reader: &mut Reader, is_requested: bool) {
    if is_requested && !reader.is_wrong(&key::LOCAL_POOL) {
        reader.refuse(
            &key::LOCAL_POOL,
            "is started by the fairing, which knows its address",
            "local_pool = false; or, in an app, take the client from its state: `&State<CognitoClient>`",
        );
    }
}

/// Half of one pool and half of another would let nobody in.
pub(crate) fn refuse_another_pool(reader: &mut Reader, pool: &LocalPoolDefaults) {
    for key in [&key::DOMAIN, &key::SERVER_DOMAIN, &key::ISSUER, &key::JWKS_URI, &key::JWKS] {
        // What browsers and tokens name is where browsers reach it; the app may call it by either name.
        let is_called = [key::SERVER_DOMAIN.name, key::JWKS_URI.name].contains(&key.name);
        let called_at = is_called.then_some(&pool.server_url);
        let is_own = |text: &str| {
            let mut below =
                iter::once(&pool.base_url).chain(called_at).filter_map(|url| text.strip_prefix(url.as_str()));
            below.any(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // The pool makes its keys when it starts.
        let is_another = match key.name == key::JWKS.name {
            true => reader.is_set(key),
            false => reader.parse(key, |text| Ok(!is_own(text))).unwrap_or(false),
        };
        if is_another {
            reader.refuse(
                key,
                "is another pool's, while `local_pool` is on",
                "local_pool = false; or set this where the local pool is off, such as in [release.cognito]",
            );
        }
    }
}

/// Stands in for a pool that cannot be had, so that the other settings can be checked.
pub(crate) fn stand_in() -> LocalPoolDefaults {
    LocalPoolDefaults {
        base_url: "http://127.0.0.1:9400".into(),
        server_url: "http://127.0.0.1:9400".into(),
        user_pool_id: "us-east-1_Local".into(),
        client_id: "local".into(),
        client_secret: None,
        level_names: LevelNames::default(),
    }
}
