//! A document of any generator, as JSON.

use rocket::{Phase, Rocket};
use serde_json::{Map, Value, json};

use super::marker::{MARKER, Marker};
use super::schema::{SCHEMA, schema};
use super::schemes::Schemes;
use crate::error::Error;

/// Completes an OpenAPI document, of whatever generator, in which operations have the [responses](super::responses()) of
/// their guards: it gives each of them its `security`, and adds the security schemes and the schema of
/// [`Denial`](crate::Denial) to the components. What is there already under their names stays.
///
/// With utoipa use `Cognito::describe`, of the feature `utoipa`.
///
/// # Errors
/// When `rocket` does not know the settings: the fairing reads them at ignition.
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
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    for operation in items.flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        let Some(marker) = responses.and_then(|responses| responses.remove(MARKER)) else { continue };
        if let Ok(marker) = serde_json::from_value::<Marker>(marker) {
            operation.insert("security".to_owned(), json!(schemes.require(&marker)));
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
