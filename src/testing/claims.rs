//! Claims that a trigger of the pool adds.

use serde::Serialize;
use serde_json::{Map, Value};

use super::misuse::misuse;
use crate::token::is_reserved_claim;

/// For how many seconds tokens are valid, as Cognito's are unless a client says otherwise.
pub(super) const LIFETIME_SECONDS: u64 = 3600;

/// What to type instead of a claim that no trigger may set.
const INSTEAD: [(&str, &str); 21] = [
    ("iss", "it follows from the app's settings"),
    ("sub", "use `with_sub`"),
    ("exp", "use `expired`"),
    ("iat", "use `expired`"),
    ("nbf", "use `expired`"),
    ("auth_time", "use `signed_in_ago`"),
    ("jti", "each token has its own"),
    ("origin_jti", "each sign-in has its own"),
    ("event_id", "each sign-in has its own"),
    ("token_use", "it follows from the token"),
    ("version", "it follows from the token"),
    ("nonce", "each sign-in has its own"),
    ("at_hash", "it follows from the access token"),
    ("azp", "Cognito sends none"),
    ("acr", "use `level`"),
    ("amr", "use `level`"),
    ("client_id", "use `client_id`"),
    ("username", "it is the person's name"),
    ("identities", "use `federated`"),
    ("scope", "use `scope`"),
    ("aud", "use `audience`"),
];

/// Adds an attribute, or a claim as a trigger would.
#[track_caller]
pub(super) fn add_claim(claims: &mut Map<String, Value>, name: String, value: impl Serialize) {
    if is_reserved_claim(&name) {
        let instead = match name.as_str() {
            "cognito:groups" => "use `group`",
            name => {
                INSTEAD.iter().find(|(own, _)| *own == name).map_or("it is Cognito's own", |(_, text)| text)
            }
        };
        misuse(format!("`{name}` is no attribute, nor a claim that a trigger sets: {instead}"));
    }
    let value = serde_json::to_value(value);
    let value = value.unwrap_or_else(|error| misuse(format!("the claim `{name}` is no JSON: {error}")));
    claims.insert(name, value);
}
