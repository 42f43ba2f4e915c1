//! What guards say of themselves in OpenAPI documents.

mod api;
mod differences;
mod schemes;
mod security;
#[path = "../support/mod.rs"]
mod support;
mod utoipa_document;
mod validator;
