//! Which of a person's attributes an ID token shows.

use serde_json::{Map, Value};

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
    let mut shown: Map<String, Value> = Map::new();
    // Cognito says so of each phone number.
    if attributes.contains_key("phone_number") && is_shown("phone_number") {
        shown.insert("phone_number_verified".into(), true.into());
    }
    let given = attributes.iter().filter(|(name, _)| is_shown(name));
    shown.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    shown
}
