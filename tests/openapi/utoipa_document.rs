//! The adapter for utoipa.

use rocket::fairing::AdHoc;
use rocket_cognito::openapi::{self, Describe, Refusals};
use rocket_cognito::{Caller, Cognito, CognitoUser, InGroups, Machine, OrForward};
use serde_json::{Value, json};
use utoipa::openapi::Response;
use utoipa::openapi::security::SecurityScheme;
use utoipa::{IntoResponses, OpenApi as _};

use crate::api::{Admin, Api, CanRead, CanWrite, described, handlers, launch};

/// utoipa's types hold all that is said, without loss.
#[test]
fn refusals_are_the_responses_of_the_guards() {
    fn assert_same<G: Describe>() {
        let typed = serde_json::to_value(Refusals::<G>::responses()).unwrap();
        assert_eq!(typed, openapi::responses::<G>());
    }
    assert_same::<CanRead>();
    assert_same::<CanWrite>();
    assert_same::<Option<CognitoUser>>();
    assert_same::<OrForward<InGroups<Admin>>>();
    assert_same::<(Caller, Machine, CognitoUser, InGroups<Admin>)>();
}

/// `openapi::describe` and `Cognito::describe` make the same document.
#[test]
fn a_document_is_described_alike_as_json() {
    for settings in [&[][..], &[("jwt_header_name", "X-Auth-Token")], &[("bearer_token_use", "id")]] {
        let client = launch(settings, handlers());
        let mut document = serde_json::to_value(Api::openapi()).unwrap();
        openapi::describe(client.rocket(), &mut document).unwrap();
        assert_eq!(document, described(&client), "{settings:?}");
    }
}

#[test]
fn an_operation_gets_its_security_and_no_trace_is_left() {
    let document = described(&launch(&[], handlers()));
    assert!(!document.to_string().contains("x-rocket-cognito"));
    let security = |path: &str, method: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(security("/", "get"), Value::Null);
    let people = json!([{ "cognito": [] }, { "bearer": [] }, { "session": [] }]);
    assert_eq!(security("/me", "get"), people);
    assert_eq!(security("/machine", "get"), json!([{ "cognito": [] }, { "bearer": [] }]));
    assert_eq!(security("/session", "get"), json!([{ "session": [] }]));
    assert_eq!(
        security("/orders", "post"),
        json!([{ "cognito": ["orders/read", "orders/write"] }, { "bearer": [] }, { "session": [] }])
    );
    assert_eq!(security("/home", "get"), json!([{ "cognito": [] }, { "bearer": [] }, { "session": [] }, {}]));
}

#[test]
fn what_a_document_has_already_stays() {
    let client = launch(&[], handlers());
    let (mut api, mut document) = (Api::openapi(), described(&client));
    let bearer = json!({ "type": "http", "scheme": "bearer", "description": "Ask the team for one." });
    let components = api.components.get_or_insert_default();
    components
        .add_security_scheme("bearer", serde_json::from_value::<SecurityScheme>(bearer.clone()).unwrap());
    for _ in 0..2 {
        Cognito::describe(client.rocket(), &mut api).unwrap();
        openapi::describe(client.rocket(), &mut document).unwrap();
    }
    assert_eq!(document, described(&client));
    document["components"]["securitySchemes"]["bearer"] = bearer;
    assert_eq!(serde_json::to_value(&api).unwrap(), document);
}

/// Without its `security` it would pass for a public one.
#[test]
fn an_operation_whose_guards_cannot_be_read_is_an_error() {
    let client = launch(&[], handlers());
    let mut api = Api::openapi();
    let me = api.paths.paths.get_mut("/me").unwrap().get.as_mut().unwrap();
    me.responses.responses.insert("x-rocket-cognito".to_owned(), Response::new("Empty.").into());
    let mut document = serde_json::to_value(&api).unwrap();
    let error = Cognito::describe(client.rocket(), &mut api).unwrap_err().to_string();
    assert!(error.contains("x-rocket-cognito"), "{error}");
    assert_eq!(openapi::describe(client.rocket(), &mut document).unwrap_err().to_string(), error);
}

#[test]
fn operations_are_described_wherever_a_document_has_them() {
    let client = launch(&[], handlers());
    let item = json!({ "get": { "responses": openapi::responses::<Machine>() } });
    let mut document = json!({
        "paths": { "/machine": { "$ref": "#/components/pathItems/Machine" } },
        "webhooks": { "called": item },
        "components": { "pathItems": { "Machine": item } },
    });
    openapi::describe(client.rocket(), &mut document).unwrap();
    for place in ["/webhooks/called/get", "/components/pathItems/Machine/get"] {
        let operation = document.pointer(place).unwrap();
        assert_eq!(operation["security"], json!([{ "cognito": [] }, { "bearer": [] }]), "{place}");
        assert_eq!(operation["responses"].get("x-rocket-cognito"), None, "{place}");
    }
}

#[test]
fn a_document_is_described_at_ignition_behind_the_fairing() {
    let describe = || {
        AdHoc::try_on_ignite("OpenAPI", |rocket| async {
            let mut api = Api::openapi();
            match Cognito::describe(&rocket, &mut api) {
                Ok(()) => Ok(rocket.manage(api)),
                Err(error) => {
                    assert!(error.to_string().contains("attached after"), "{error}");
                    Err(rocket)
                }
            }
        })
    };
    let settings = crate::support::settings("http://127.0.0.1:9/jwks.json");
    let behind = rocket::custom(&settings).attach(Cognito::fairing()).attach(describe());
    let behind = rocket::async_test(behind.ignite()).unwrap();
    let api = behind.state::<utoipa::openapi::OpenApi>().unwrap();
    assert_eq!(
        serde_json::to_value(api).unwrap()["paths"]["/me"]["get"]["security"][1],
        json!({ "bearer": [] })
    );
    let before = rocket::custom(&settings).attach(describe()).attach(Cognito::fairing());
    assert!(rocket::async_test(before.ignite()).unwrap_err().to_string().contains("fairing"));
}
