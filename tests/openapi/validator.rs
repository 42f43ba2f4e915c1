//! Documents as a validator from PyPI judges them.

use serde_json::{Value, json};

use crate::api::{Api, described, handlers, launch};
use crate::support::python::judged;

/// Prints the first error, if there is one.
const SCRIPT: &str = "
import json, sys
from openapi_spec_validator import OpenAPIV31SpecValidator
errors = list(OpenAPIV31SpecValidator(json.load(sys.stdin)).iter_errors())
print(errors[0].message if errors else 'valid', end='')
";

/// What the validator says; `None` where it is not installed.
pub fn verdict(document: &Value) -> Option<String> {
    judged(SCRIPT, &document.to_string())
}

#[test]
fn a_document_is_valid_under_any_settings() {
    let custom_header = [("jwt_header_name", "X-Auth-Token"), ("jwt_header_prefix", "")];
    let all: [&[(&str, &str)]; 4] = [
        &[],
        &custom_header,
        &[("scopes", "openid email"), ("cookie_suffix", "shop"), ("bearer_token_use", "any")],
        &[("session_store", "memory"), ("redirect_url", "https://shop.example.com/auth/callback")],
    ];
    for settings in all {
        let Some(verdict) = verdict(&described(&launch(settings, handlers()))) else { return };
        assert_eq!(verdict, "valid", "{settings:?}");
    }
}

/// Nobody has described it yet.
#[test]
fn a_document_that_is_not_described_is_valid_but_for_the_schema_it_refers_to() {
    use utoipa::OpenApi as _;
    let mut api = serde_json::to_value(Api::openapi()).unwrap();
    api["components"] = json!({ "schemas": { "Denial": rocket_cognito::openapi::schema() } });
    let Some(verdict) = verdict(&api) else { return };
    assert_eq!(verdict, "valid");
}

/// The control.
#[test]
fn a_document_that_is_not_valid_is_noticed() {
    let mut document = described(&launch(&[], handlers()));
    document["components"]["securitySchemes"]["cognito"]["flows"]["authorizationCode"] = json!({});
    let Some(verdict) = verdict(&document) else { return };
    assert_ne!(verdict, "valid");
}
