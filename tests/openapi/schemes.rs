//! Security schemes, by the settings.

use figment::Figment;
use rocket::local::blocking::Client;
use rocket_cognito::openapi::{self, Asks, Describe};
use rocket_cognito::{BearerOnly, Cognito, CognitoUser, Machine, SessionOnly};
use serde_json::{Value, json};

use crate::api::{CanRead, CanWrite, described, handlers, launch};

/// The schemes of an app with these settings, of what the guards ask for.
fn schemes(settings: &[(&str, &str)], asks: &[Asks]) -> Value {
    let client = launch(settings, Vec::new());
    openapi::security_schemes(client.rocket(), asks).unwrap().into()
}

/// The names of the schemes.
fn names(schemes: &Value) -> Vec<&str> {
    schemes.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_app_with_sign_in_has_three_schemes() {
    let schemes = schemes(&[("scopes", "openid email")], &CanWrite::asks());
    let pool = "http://127.0.0.1:9";
    assert_eq!(names(&schemes), ["bearer", "cognito", "session"]);
    let cognito = &schemes["cognito"];
    assert_eq!(cognito["type"], "oauth2");
    assert_eq!(
        cognito["flows"],
        json!({ "authorizationCode": {
            "authorizationUrl": format!("{pool}/oauth2/authorize"),
            "tokenUrl": format!("{pool}/oauth2/token"),
            "refreshUrl": format!("{pool}/oauth2/token"),
            "scopes": {
                "email": "The e-mail address.",
                "openid": "An ID token.",
                "orders/read": "",
                "orders/write": "",
            },
        } })
    );
    let bearer = &schemes["bearer"];
    assert_eq!([&bearer["type"], &bearer["scheme"], &bearer["bearerFormat"]], ["http", "bearer", "JWT"]);
    let session = &schemes["session"];
    assert_eq!(
        [&session["type"], &session["in"], &session["name"]],
        ["apiKey", "cookie", "cognito_access_token"]
    );
}

#[test]
fn machines_get_tokens_for_themselves_with_the_scopes_they_may_need() {
    let flows = |asks: &[Asks]| schemes(&[("scopes", "openid")], asks)["cognito"]["flows"].clone();
    let both = flows(&CanRead::asks());
    assert_eq!(both["authorizationCode"]["scopes"], json!({ "openid": "An ID token.", "orders/read": "" }));
    assert_eq!(
        both["clientCredentials"],
        json!({ "tokenUrl": "http://127.0.0.1:9/oauth2/token", "scopes": { "orders/read": "" } })
    );
    let machines = flows(&Machine::asks());
    assert_eq!(
        (machines.get("authorizationCode"), &machines["clientCredentials"]["scopes"]),
        (None, &json!({}))
    );
    let people = flows(&[CanWrite::asks(), CognitoUser::asks()].concat());
    assert_eq!(people.get("clientCredentials"), None);
    assert_eq!(flows(&[])["authorizationCode"]["scopes"], json!({ "openid": "An ID token." }));
}

#[test]
fn the_session_has_the_name_of_the_cookie_that_browsers_have() {
    let name = |settings: &[(&str, &str)]| schemes(settings, &[])["session"]["name"].clone();
    let https = ("redirect_url", "https://shop.example.com/auth/callback");
    assert_eq!(name(&[https]), "__Host-Http-cognito_access_token");
    assert_eq!(name(&[("cookie_suffix", "shop")]), "cognito_access_token-shop");
    assert_eq!(name(&[("session_store", "memory")]), "cognito_sid");
    assert_eq!(
        name(&[("session_store", "memory"), ("session_store_writes", "false")]),
        "cognito_access_token"
    );
}

/// OAuth 2 sends tokens in `Authorization: Bearer`, where this app would not look.
#[test]
fn tokens_in_another_header_are_a_key_of_the_api() {
    let schemes =
        schemes(&[("jwt_header_name", "X-Auth-Token"), ("jwt_header_prefix", "")], &CanRead::asks());
    assert_eq!(names(&schemes), ["bearer", "session"]);
    let bearer = &schemes["bearer"];
    assert_eq!([&bearer["type"], &bearer["in"], &bearer["name"]], ["apiKey", "header", "X-Auth-Token"]);
    assert!(bearer["description"].as_str().unwrap().ends_with("`X-Auth-Token: <access token>`."));
    let client = launch(&[("jwt_header_prefix", "Token")], handlers());
    let document = described(&client);
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["name"], "Authorization");
    let security = &document["paths"]["/orders/{id}"]["get"]["security"];
    assert_eq!(*security, json!([{ "bearer": [] }, { "session": [] }]));
}

#[test]
fn swagger_ui_is_to_send_id_tokens_where_those_count() {
    let token =
        |token_use| schemes(&[("bearer_token_use", token_use)], &[])["cognito"]["x-tokenName"].clone();
    assert_eq!([token("id"), token("access"), token("any")], [json!("id_token"), Value::Null, Value::Null]);
}

/// The settings of an API in which nobody signs in.
fn bare() -> Figment {
    crate::support::figment()
        .merge(("cognito.user_pool_id", crate::support::forge::POOL_ID))
        .merge(("cognito.client_id", crate::support::forge::CLIENT_ID))
        .merge(("cognito.routes", "none"))
        .merge(("cognito.jwks_uri", "http://127.0.0.1:9/jwks.json"))
}

#[test]
fn an_api_in_which_nobody_signs_in_takes_tokens_alone() {
    let bare = bare();
    for (domain, expected) in
        [(None, vec!["bearer"]), (Some("http://127.0.0.1:9"), vec!["bearer", "cognito"])]
    {
        let figment = domain.map_or(bare.clone(), |domain| bare.clone().merge(("cognito.domain", domain)));
        let rocket = rocket::custom(figment).attach(Cognito::fairing());
        let client = Client::untracked(rocket).unwrap();
        let schemes = Value::from(openapi::security_schemes(client.rocket(), &CanRead::asks()).unwrap());
        assert_eq!(names(&schemes), expected);
    }
}

/// The security of an operation behind these guards, and the document.
fn security_of<G: Describe>(client: &Client) -> (Value, Value) {
    let mut document = json!({ "paths": { "/a": { "get": { "responses": openapi::responses::<G>() } } } });
    openapi::describe(client.rocket(), &mut document).unwrap();
    (document["paths"]["/a"]["get"]["security"].clone(), document)
}

/// An empty list would say that it is public.
#[test]
fn an_operation_for_which_the_settings_leave_no_way_is_not_public() {
    let bare = Client::untracked(rocket::custom(bare()).attach(Cognito::fairing())).unwrap();
    let (security, document) = security_of::<SessionOnly>(&bare);
    assert_eq!(security, json!([{ "session": [] }]));
    let session = &document["components"]["securitySchemes"]["session"];
    assert_eq!([&session["type"], &session["in"]], ["apiKey", "cookie"]);
    assert_eq!(security_of::<(SessionOnly, BearerOnly)>(&bare).0, json!([{ "bearer": [], "session": [] }]));
    let custom = launch(&[("jwt_header_name", "X-Auth-Token")], Vec::new());
    assert_eq!(security_of::<(SessionOnly, BearerOnly)>(&custom).0, json!([{ "bearer": [], "session": [] }]));
}

#[test]
fn a_token_that_a_proxy_adds_is_none_that_clients_ask_for() {
    let schemes = schemes(&[("jwt_header_from_proxy", "true")], &CanRead::asks());
    assert_eq!(names(&schemes), ["bearer", "session"]);
    let description = schemes["bearer"]["description"].as_str().unwrap();
    assert!(description.ends_with("A proxy adds it; clients do not send it."), "{description}");
}

#[test]
fn in_disabled_mode_no_pool_is_asked_for_tokens() {
    let schemes = schemes(&[("disabled", "true")], &CanRead::asks());
    assert!(!names(&schemes).contains(&"cognito"), "{schemes}");
}

/// Client credentials give an access token alone, and a sign-in gives an ID token with `openid`.
#[test]
fn where_id_tokens_count_people_ask_for_openid_and_machines_for_nothing() {
    for asks in [CanRead::asks(), Machine::asks()] {
        let flows = schemes(&[("bearer_token_use", "id")], &asks)["cognito"]["flows"].clone();
        assert_eq!(flows.get("clientCredentials"), None);
        assert_eq!(flows["authorizationCode"]["scopes"]["openid"], "An ID token.");
    }
}

#[test]
fn an_app_without_the_fairing_cannot_be_described() {
    let rocket = rocket::build();
    let error = openapi::security_schemes(&rocket, &[]).unwrap_err().to_string();
    assert!(error.contains("Cognito::fairing()") && error.contains("on_ignite"), "{error}");
    let mut document = json!({ "paths": {} });
    assert!(openapi::describe(&rocket, &mut document).is_err());
    assert_eq!(document, json!({ "paths": {} }));
}
