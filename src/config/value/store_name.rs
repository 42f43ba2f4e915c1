//! What `session_store` names: servers, or something else.

use figment::value::Value;

/// Whether this names servers, or tries to: a URL, or a list.
pub(crate) fn names_servers(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(':')) || value.as_array().is_some()
}
