//! Codes, which are sent to nobody, and where Cognito would have sent them.

use serde_json::{Value, json};

use super::error::ApiError;
use crate::crypto::same;
use crate::local_pool::state::User;

/// The one code that the pool accepts.
const CODE: &str = "123456";

/// Where a code would go: the attribute, and `CodeDeliveryDetails`.
pub(super) fn destination(user: &User) -> Option<(&'static str, Value)> {
    let attributes = user.listed_attributes();
    ["email", "phone_number"].into_iter().find_map(|name| Some((name, details(name, attributes.get(name)?))))
}

/// `CodeDeliveryDetails` of a code to this address or number.
pub(super) fn details(attribute: &str, value: &str) -> Value {
    let medium = if attribute == "email" { "EMAIL" } else { "SMS" };
    json!({ "Destination": masked(value), "DeliveryMedium": medium, "AttributeName": attribute })
}

pub(super) fn check_code(given: &str) -> Result<(), ApiError> {
    if same(given, CODE) { Ok(()) } else { Err(ApiError::wrong_code()) }
}

/// `d***@e***`, or the last digits of a number.
fn masked(value: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    match value.split_once('@') {
        Some((name, host)) => format!("{}***@{}***", first(name), first(host)),
        None => {
            let count = value.chars().count();
            let last: String = value.chars().skip(count.saturating_sub(4)).collect();
            format!("+{}{last}", "*".repeat(count.saturating_sub(5)))
        }
    }
}
