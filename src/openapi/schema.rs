//! The schema of a denial as programs see it.

use serde_json::{Value, json};

/// What the schema is called in `components`.
pub(crate) const SCHEMA: &str = "Denial";

/// The schema of a [`Denial`](crate::Denial) as programs are answered it, for `components.schemas.Denial`. The
/// [responses](super::responses()) refer to it.
///
/// # Example
/// ```rust
/// let schema = rocket_cognito::openapi::schema();
/// assert_eq!(schema["required"], serde_json::json!(["error", "message", "hint"]));
/// ```
#[must_use]
pub fn schema() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "description": "Why a request is refused.",
        "required": ["error", "message", "hint"],
        "properties": {
            "error": text("A stable code for programs."),
            "message": text("What happened, in one sentence."),
            "hint": text("What to do about it."),
        },
    })
}
