//! Documents as a validator from PyPI judges them.

use figment::Figment;
use rocket::local::blocking::Client;
use rocket_cognito::{Cognito, openapi, testing};
use serde_json::{Value, json};

use crate::api::{Api, described, handlers, launch};
use crate::cases::{Case, of_sessions, of_tokens};
use crate::support::forge::{CLIENT_ID, POOL_ID};
use crate::support::python::judged;
use crate::support::{figment, settings};

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

/// The document of an app with these guards, which the app's map has no other opinion of.
fn of_cases(figment: Figment, cases: &dyn Fn() -> Vec<Case>) -> Value {
    let mut document =
        json!({ "openapi": "3.1.0", "info": { "title": "Guards", "version": "1" }, "paths": {} });
    for case in cases() {
        let mut responses = case.responses;
        responses["200"] = json!({ "description": "Done." });
        document["paths"][&case.path] =
            json!({ "get": { "responses": responses }, "post": { "responses": responses } });
    }
    let rocket = rocket::custom(figment).attach(Cognito::fairing());
    let rocket = cases().into_iter().fold(rocket, |rocket, case| rocket.mount("/", case.routes));
    let client = Client::untracked(rocket).unwrap();
    openapi::describe(client.rocket(), &mut document).unwrap();
    assert_eq!(testing::map(client.rocket()).differences(&document, &[]), [""; 0]);
    document
}

#[test]
fn a_document_of_any_guards_is_valid_and_says_what_the_routes_do() {
    let jwks = "http://127.0.0.1:9/jwks.json";
    let with_sign_in = settings(jwks).merge(("cognito.refresh_flow_enabled", true));
    let all = of_cases(with_sign_in, &|| [of_tokens(), of_sessions()].into_iter().flatten().collect());
    let bare = figment()
        .merge(("cognito.user_pool_id", POOL_ID))
        .merge(("cognito.client_id", CLIENT_ID))
        .merge(("cognito.routes", "none"))
        .merge(("cognito.jwks_uri", jwks));
    let with_domain = bare.clone().merge(("cognito.domain", "http://127.0.0.1:9"));
    let (tokens_alone, with_domain) = (of_cases(bare, &of_tokens), of_cases(with_domain, &of_tokens));
    for document in [all, tokens_alone, with_domain] {
        let Some(verdict) = verdict(&document) else { return };
        assert_eq!(verdict, "valid");
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
