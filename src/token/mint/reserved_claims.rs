//! The claims that no trigger may set.

/// Source: Cognito's developer guide, "Pre token generation Lambda trigger", section "Claims and scopes reference".
/// A trigger changes `scope` and `cognito:groups` too, though not as claims.
const RESERVED: [&str; 22] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "client_id",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
    "version",
];

/// Whether no trigger may set the claim of this name.
pub(crate) fn is_reserved_claim(name: &str) -> bool {
    RESERVED.contains(&name) || name.starts_with("cognito:") || name.starts_with("dev:")
}
