//! The refusals of an operation.

use std::collections::{BTreeMap, BTreeSet};

use rocket::http::Status;
use serde_json::{Map, Value, json};

use super::describe::Describe;
use super::marker::{MARKER, Marker};
use super::schema::SCHEMA;
use crate::denial::Reason;
use crate::guard::Asks;

/// The answers of an operation with which the guards `G` refuse a request: 400, 401, 403 and 503, as far as `G` has them.
/// Each has the codes that it may give, its headers, and in words what is asked for.
///
/// They are what programs are answered by [`catchers`](crate::catchers()); a browser that opens a page is sent to the
/// sign-in, or sees a page. Beside them stands a member `x-rocket-cognito`: [`describe`](super::describe()) removes it, and
/// makes the operation's `security` from it.
///
/// # Example
/// ```rust
/// use rocket_cognito::{Machine, openapi};
///
/// let responses = openapi::responses::<Machine>();
/// let schema = &responses["403"]["content"]["application/json"]["schema"];
/// assert_eq!(schema["allOf"][0]["$ref"], "#/components/schemas/Denial");
/// let codes = &schema["allOf"][1]["properties"]["error"]["enum"];
/// assert_eq!(*codes, serde_json::json!(["cross_site", "delegated", "machine_required"]));
/// ```
///
/// Source: OpenAPI 3.1, "Responses Object".
#[must_use]
pub fn responses<G: Describe>() -> Value {
    let guards = G::asks();
    let mut reasons: BTreeMap<Status, Vec<(Reason, &Asks)>> = BTreeMap::new();
    for asks in &guards {
        for reason in asks.reasons() {
            reasons.entry(reason.status()).or_default().push((*reason, asks));
        }
    }
    let asked = in_words(&guards);
    let mut responses: Map<_, _> = reasons
        .into_iter()
        .map(|(status, reasons)| (status.code.to_string(), response(status, &reasons, &asked)))
        .collect();
    responses.insert(MARKER.to_owned(), json!(Marker::new(&guards)));
    Value::Object(responses)
}

/// What guards ask for, as a sentence.
fn in_words(guards: &[Asks]) -> String {
    let words: Vec<_> = guards.iter().filter(|asks| asks.is_required()).map(ToString::to_string).collect();
    if words.is_empty() { String::new() } else { format!(" This asks for {}.", words.join("; and ")) }
}

fn response(status: Status, reasons: &[(Reason, &Asks)], asked: &str) -> Value {
    let codes: BTreeSet<_> = reasons.iter().map(|(reason, _)| reason.code()).collect();
    let description = match status.code {
        401 => format!("The credential is missing, or is not accepted.{asked}"),
        403 => format!("The caller may not do this.{asked}"),
        503 => "The caller cannot be checked at the moment.".to_owned(),
        _ => "The request is malformed.".to_owned(),
    };
    let schema = json!({ "allOf": [
        { "$ref": format!("#/components/schemas/{SCHEMA}") },
        { "type": "object", "properties": { "error": { "type": "string", "enum": codes } } },
    ] });
    let mut response = Map::from_iter([
        ("description".to_owned(), json!(description)),
        ("content".to_owned(), json!({ "application/json": { "schema": schema } })),
    ]);
    let headers = headers(reasons);
    if !headers.is_empty() {
        response.insert("headers".to_owned(), Value::Object(headers));
    }
    Value::Object(response)
}

/// The headers that one of these refusals has, at least.
fn headers(reasons: &[(Reason, &Asks)]) -> Map<String, Value> {
    let mut headers = Map::new();
    if reasons.iter().any(|(reason, asks)| reason.has_challenge(asks.rule())) {
        let challenge = json!({
            "description": "What to send, and what is wrong with what was sent (RFC 6750 section 3).",
            "schema": { "type": "string" },
        });
        headers.insert("WWW-Authenticate".to_owned(), challenge);
    }
    if reasons.iter().any(|(reason, _)| reason.says_when_to_retry()) {
        let wait =
            json!({ "description": "When to try again, in seconds.", "schema": { "type": "integer" } });
        headers.insert("Retry-After".to_owned(), wait);
    }
    headers
}
