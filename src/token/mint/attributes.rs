//! Which of a person's attributes an ID token shows, and how.

use serde_json::{Map, Value, json};

/// The `attributes` that an ID token and userInfo show: all with `openid` alone or with `profile`, else those that the
/// `scopes` name.
pub(crate) fn shown_attributes(attributes: &Map<String, Value>, scopes: &[String]) -> Map<String, Value> {
    let has_scope = |name: &str| scopes.iter().any(|scope| scope == name);
    let (email, phone) = (has_scope("email"), has_scope("phone"));
    let all = has_scope("profile") || !(email || phone);
    let is_shown = |name: &str| match name {
        "email" | "email_verified" => all || email,
        "phone_number" | "phone_number_verified" => all || phone,
        _ => all,
    };
    let shown = attributes.iter().filter(|(name, _)| is_shown(name));
    shown.map(|(name, value)| (name.clone(), as_claim(name, value))).collect()
}

/// The claim of an attribute, which is text at the pool. Cognito makes an object of an address (OpenID Connect Core
/// section 5.1.1), whatever it says.
fn as_claim(name: &str, value: &Value) -> Value {
    let Value::String(text) = value else { return value.clone() };
    match (name, text.parse::<u64>()) {
        ("address", _) => json!({ "formatted": text }),
        ("updated_at", Ok(seconds)) => seconds.into(),
        _ => value.clone(),
    }
}
