//! Whether the embedded local pool is wanted, and whether it may run here.

use figment::Figment;
use figment::value::{Dict, Value};

use super::reader::Reader;
use super::{key, unsafe_modes};
use crate::config::{LocalPoolDefaults, Settings};
use crate::error::Error;

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

/// What `local_pool` holds, where it may run. `None`: it is off.
///
/// An error tells the mistakes in all the other settings too.
pub(crate) fn local_pool(figment: &Figment) -> Result<Option<LocalPoolTable>, Error> {
    let mut reader = Reader::new(figment);
    let may_run = unsafe_modes::allowed(&mut reader);
    let origin = reader.origin(key::LOCAL_POOL.name);
    let pool = requested(&mut reader, may_run).map(|value| LocalPoolTable { value, origin });
    // A pool was meant, so what it would have filled in is not missing.
    let meant = !matches!(reader.value(&key::LOCAL_POOL), None | Some(Value::Bool(_, false)));
    reader
        .finish(pool)
        .map_err(|error| Settings::load(figment, meant.then(stand_in).as_ref()).err().unwrap_or(error))
}

/// Records the mistakes in `local_pool` itself.
pub(super) fn requested(reader: &mut Reader, may_run: bool) -> Option<Value> {
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

/// A client without an app has nobody who starts it.
pub(super) fn refuse_without_app(reader: &mut Reader, is_requested: bool) {
    if is_requested && !reader.is_wrong(&key::LOCAL_POOL) {
        reader.refuse(
            &key::LOCAL_POOL,
            "is started by the fairing, which knows its address",
            "local_pool = false; or, in an app, take the client from its state: `&State<CognitoClient>`",
        );
    }
}

/// Stands in for a pool that cannot be had, so that the other settings can be checked.
fn stand_in() -> LocalPoolDefaults {
    LocalPoolDefaults {
        base_url: "http://127.0.0.1:9400".into(),
        user_pool_id: "us-east-1_Local".into(),
        client_id: "local".into(),
        client_secret: None,
    }
}
