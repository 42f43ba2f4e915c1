//! The signing keys of all test pools of a process.

use std::sync::OnceLock;

use serde_json::json;

use super::misuse::misuse;
use crate::token::SigningKeys;

/// Real RSA keys, random in each process: to make them takes longer than a test.
pub(super) fn keys() -> &'static SigningKeys {
    static KEYS: OnceLock<SigningKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        SigningKeys::generate().unwrap_or_else(|_| misuse("the test pool could not make its signing keys"))
    })
}

/// The public keys, as the setting `jwks` takes them.
pub(super) fn jwks() -> String {
    json!({ "keys": keys().jwks() }).to_string()
}
