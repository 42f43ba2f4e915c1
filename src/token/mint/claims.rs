//! Claims on their way into a token.

use serde_json::{Map, Value};

/// The members of a JSON object.
pub(super) fn claims(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
