//! A document of any generator, as JSON.

use rocket::{Phase, Rocket};
use serde_json::{Map, Value, json};

use super::marker::{MARKER, Marker};
use super::schema::{SCHEMA, schema};
use super::schemes::Schemes;
use crate::error::Error;

/// Where a document has path items. A `$ref` of a path leads to one of them.
const ITEMS: [&str; 3] = ["/paths", "/webhooks", "/components/pathItems"];

/// Completes an OpenAPI document, of whatever generator, in which operations have the [responses](super::responses()) of
/// their guards: it gives each of them its `security`, and adds the security schemes and the schema of
/// [`Denial`](crate::Denial) to the components. What is there already under their names stays.
///
/// With utoipa use `Cognito::describe`, of the feature `utoipa`.
///
/// # Errors
/// - When `rocket` does not know the settings: the fairing reads them at ignition.
/// - When the member `x-rocket-cognito` of an operation's responses is not the one that they had. The document is described
///   in part then.
///
/// # Example
/// ```rust
/// use rocket::{Orbit, Rocket};
/// use rocket_cognito::{CognitoUser, Error, openapi};
/// use serde_json::{Value, json};
///
/// fn document(rocket: &Rocket<Orbit>) -> Result<Value, Error> {
///     let mut responses = openapi::responses::<CognitoUser>();
///     responses["200"] = json!({ "description": "The name of whoever is signed in." });
///     let mut document = json!({
///         "openapi": "3.1.0",
///         "info": { "title": "An API", "version": "1" },
///         "paths": { "/me": { "get": { "responses": responses } } },
///     });
///     openapi::describe(rocket, &mut document)?;
///     Ok(document)
/// }
/// ```
pub fn describe<P: Phase>(rocket: &Rocket<P>, document: &mut Value) -> Result<(), Error> {
    let mut schemes = Schemes::of(rocket)?;
    for place in ITEMS {
        let items = document.pointer_mut(place).and_then(Value::as_object_mut);
        let items = items.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
        for operation in items.flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
            let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
            if let Some(marker) = responses.and_then(|responses| responses.remove(MARKER)) {
                operation.insert("security".to_owned(), json!(schemes.require(&Marker::read(marker)?)));
            }
        }
    }
    let Some(document) = document.as_object_mut() else { return Ok(()) };
    insert(document, "securitySchemes", schemes.into_components());
    insert(document, "schemas", Map::from_iter([(SCHEMA.to_owned(), schema())]));
    Ok(())
}

/// Adds to a part of the components what is not there yet.
fn insert(document: &mut Map<String, Value>, part: &str, more: Map<String, Value>) {
    let components = document.entry("components").or_insert_with(|| json!({}));
    let part =
        components.as_object_mut().map(|components| components.entry(part).or_insert_with(|| json!({})));
    if let Some(part) = part.and_then(Value::as_object_mut) {
        for (name, value) in more {
            part.entry(name).or_insert(value);
        }
    }
}
