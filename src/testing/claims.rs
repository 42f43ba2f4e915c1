//! Claims that a trigger of the pool adds.

use serde::Serialize;
use serde_json::{Map, Value};

use super::misuse::misuse;

/// For how many seconds tokens are valid, as Cognito's are unless a client says otherwise.
pub(super) const LIFETIME_SECONDS: u64 = 3600;

/// What no trigger may set ("Pre token generation Lambda trigger" in Cognito's developer guide), and what to type.
const COGNITOS_OWN: [(&str, &str); 21] = [
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
    let instead = COGNITOS_OWN.iter().find(|(own, _)| *own == name).map(|(_, instead)| *instead);
    let instead = match name.as_str() {
        "cognito:groups" => Some("use `group`"),
        name if name.starts_with("cognito:") => Some("it is Cognito's own"),
        _ => instead,
    };
    if let Some(instead) = instead {
        misuse(format!("`{name}` is no attribute, nor a claim that a trigger sets: {instead}"));
    }
    let value = serde_json::to_value(value);
    let value = value.unwrap_or_else(|error| misuse(format!("the claim `{name}` is no JSON: {error}")));
    claims.insert(name, value);
}
