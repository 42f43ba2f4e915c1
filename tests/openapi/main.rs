//! What guards say of themselves in OpenAPI documents.

mod api;
mod callback;
mod cases;
mod codes;
mod differences;
mod example;
mod responses;
mod schemes;
mod security;
#[path = "../support/mod.rs"]
mod support;
mod utoipa_document;
mod validator;
