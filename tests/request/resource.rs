//! An API that clients find by its URL alone: the setting `resource` (RFC 9728).

use figment::Figment;
use reqwest::Method;
use rocket::error::ErrorKind;
use rocket::{Build, Rocket, get, options, routes};
use rocket_cognito::policy::{Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, Login, catchers};
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup, build};
use crate::support::figment;
use crate::support::forge::{CLIENT_ID, ISSUER, Key, POOL_ID};
use crate::support::server::Server;
use crate::{ask, ask_as, outcome};

const API: &str = "https://api.example.com/v1";
const PATH: &str = "/.well-known/oauth-protected-resource/v1";
const COPY: &str = "/.well-known/oauth-authorization-server";

struct Write;
impl Scope for Write {
    const NAME: &'static str = "orders/write";
}

#[get("/write")]
fn write(_user: Authorized<Scopes<(Write,)>>) {}

#[get("/signin?<resource>")]
fn signin(resource: &str) -> Login {
    Login::new().next("/me").resource(resource)
}

#[get("/.well-known/oauth-protected-resource/v1")]
fn own_metadata() {}

#[options("/<_..>")]
fn preflight() {}

/// What an app needs in which nobody signs in, and to which this key is that of its pool.
fn without_sign_in(key: &Key) -> Figment {
    figment()
        .merge(("cognito.routes", "none"))
        .merge(("cognito.user_pool_id", POOL_ID))
        .merge(("cognito.client_id", CLIENT_ID))
        .merge(("cognito.jwks", json!({ "keys": [key.jwk()] }).to_string()))
}

fn document(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

/// An access token that is bound to `resource`, of a sign-in at `app`.
async fn token_for(app: &App, resource: &str) -> String {
    let agent = Agent::new();
    agent.sign_in(&app.url(&format!("/signin?resource={resource}")), "alice").await;
    agent.cookie("cognito_access_token").unwrap()
}

#[rocket::async_test]
async fn challenges_name_the_metadata_of_the_resource_which_anybody_may_read() {
    let app = Setup::new().set("resource", API).start_with(build).await;
    let metadata = format!("resource_metadata=\"https://api.example.com{PATH}\"");
    let without = ask(&app.url("/me"), &[("accept", "application/json")]).await;
    assert_eq!(without.headers["www-authenticate"], format!("Bearer {metadata}"));
    let bad = ask_as(&app.url("/me"), "a.b.c").await;
    assert_eq!(bad.headers["www-authenticate"], format!("Bearer error=\"invalid_token\", {metadata}"));

    let page = ask(&app.url(PATH), &[("origin", "https://inspector.example")]).await;
    assert_eq!(
        document(&page.body),
        json!({ "resource": API, "authorization_servers": [app.pool.issuer()], "bearer_methods_supported": ["header"] })
    );
    let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    assert_eq!(ask_as(&app.url("/me"), &token).await.status, 200, "tokens without `aud` count as before");
    assert_eq!(page.headers["access-control-allow-origin"], "*");
    let preflight = Agent::new().send(Method::OPTIONS, &app.url(PATH), &[], None).await;
    assert_eq!(
        (preflight.status.as_u16(), &preflight.headers["access-control-allow-headers"]),
        (204, &"*".parse().unwrap())
    );
    assert_eq!(ask(&app.url("/.well-known/oauth-protected-resource"), &[]).await.status, 404);
}

/// RFC 6750 section 3.1: 403 has a challenge where scopes are missing.
#[rocket::async_test]
async fn a_challenge_of_403_names_the_metadata_too() {
    let app = Setup::new().set("resource", API);
    let app = app.start_with(|rocket| build(rocket).mount("/", routes![write])).await;
    let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    let page = ask_as(&app.url("/write"), &token).await;
    let metadata = format!("resource_metadata=\"https://api.example.com{PATH}\"");
    assert_eq!(
        (page.status.as_u16(), page.header("www-authenticate")),
        (403, format!("Bearer error=\"insufficient_scope\", scope=\"orders/write\", {metadata}").as_str())
    );
    let page = ask_as(&app.url("/admin"), &app.pool.sign_in("bob", CLIENT).unwrap().access_token).await;
    assert_eq!(
        (page.status.as_u16(), page.header("www-authenticate")),
        (403, ""),
        "groups have no challenge"
    );
}

#[rocket::async_test]
async fn a_token_for_the_resource_counts_and_one_for_another_does_not() {
    const OTHER: &str = "https://other.example.com";
    let with_signin = |rocket: Rocket<Build>| build(rocket).mount("/", routes![signin]);
    let app =
        Setup::new().set("resource", API).set("accepted_audiences", [OTHER]).start_with(with_signin).await;
    let (own, other) = (token_for(&app, API).await, token_for(&app, OTHER).await);
    assert_eq!(
        [ask_as(&app.url("/me"), &own).await.status, ask_as(&app.url("/me"), &other).await.status],
        [200; 2]
    );
    let narrow = app.instance("accepted_audiences", &[""; 0]).await;
    assert_eq!(ask_as(&narrow.url("/me"), &own).await.status, 200, "the resource need not be listed");
    assert_eq!(outcome(&ask_as(&narrow.url("/me"), &other).await), (401, "invalid_token".into()));
}

/// Clients that read the identifier as a URL ask for it with the slash.
#[rocket::async_test]
async fn a_resource_without_a_path_is_the_same_with_a_slash() {
    let with_signin = |rocket: Rocket<Build>| build(rocket).mount("/", routes![signin]);
    for resource in ["https://api.example.com", "https://api.example.com/"] {
        let app = Setup::new().set("resource", resource).start_with(with_signin).await;
        let page = ask(&app.url("/.well-known/oauth-protected-resource"), &[]).await;
        assert_eq!(document(&page.body)["resource"], resource, "as it is set, letter for letter");
        for asked in ["https://api.example.com", "https://api.example.com/"] {
            assert_eq!(ask_as(&app.url("/me"), &token_for(&app, asked).await).await.status, 200, "{asked}");
        }
    }
}

#[rocket::async_test]
async fn the_metadata_answers_head_and_no_other_method() {
    let app = Setup::new().set("resource", API).start_with(build).await;
    let page = ask(&app.url(PATH), &[]).await;
    let head = Agent::new().send(Method::HEAD, &app.url(PATH), &[], None).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    for name in ["content-type", "content-length", "cache-control", "access-control-allow-origin"] {
        assert_eq!(head.header(name), page.header(name), "{name}");
    }
    assert_eq!((page.header("content-type"), page.set_cookies().len()), ("application/json", 0));
    assert_eq!(Agent::new().send(Method::POST, &app.url(PATH), &[], None).await.status, 404);
}

#[rocket::async_test]
async fn an_api_in_which_nobody_signs_in_has_its_metadata_too() {
    let figment = without_sign_in(&Key::new("1"))
        .merge(("cognito.jwt_header_name", "X-Auth-Token"))
        .merge(("cognito.resource", API));
    let server =
        Server::start(figment, |rocket| rocket.attach(Cognito::fairing()).register("/", catchers())).await;
    assert_eq!(
        document(&ask(&server.url(PATH), &[]).await.body),
        json!({
            "resource": API,
            "authorization_servers": [ISSUER],
            "bearer_methods_supported": [],
        })
    );
}

#[rocket::async_test]
async fn where_everybody_is_let_through_the_metadata_names_no_pool() {
    let figment = figment().merge(("cognito.disabled", true)).merge(("cognito.resource", API));
    let server = Server::start(figment, |rocket| rocket.attach(Cognito::fairing())).await;
    assert!(document(&ask(&server.url(PATH), &[]).await.body)["authorization_servers"].is_null());
}

/// A client that registers asks for them then: later it would not get more.
#[rocket::async_test]
async fn the_metadata_names_the_scopes_that_a_client_needs() {
    let app = Setup::new().set("resource", API).set("resource_scopes", "orders/read orders/write");
    let app = app.start_with(build).await;
    let metadata = document(&ask(&app.url(PATH), &[]).await.body);
    assert_eq!(metadata["scopes_supported"], json!(["orders/read", "orders/write"]));
    let app = app.instance("resource_scopes", &[""; 0]).await;
    assert!(document(&ask(&app.url(PATH), &[]).await.body)["scopes_supported"].is_null());
}

/// The app's origin is then the server, since a client looks there for the metadata of whoever it has been referred to.
#[rocket::async_test]
async fn the_copy_of_the_pools_metadata_is_found_by_the_resource_and_names_s256() {
    for (setting, registers) in [("served", false), ("with_registration", true)] {
        let app = Setup::new().set("resource", API).set("pool_metadata", setting).start_with(build).await;
        let of_resource = document(&ask(&app.url(PATH), &[]).await.body);
        assert_eq!(of_resource["authorization_servers"], json!(["https://api.example.com"]));
        let page = ask(&app.url(COPY), &[("origin", "https://inspector.example")]).await;
        assert_eq!(page.header("access-control-allow-origin"), "*");
        let copy = document(&page.body);
        assert_eq!(copy["issuer"], "https://api.example.com");
        assert_eq!(copy["code_challenge_methods_supported"], json!(["S256"]));
        // What the pool itself says of its endpoints.
        let discovery = format!("{}/.well-known/openid-configuration", app.pool.issuer());
        let discovered = document(&ask(&discovery, &[]).await.body);
        for endpoint in ["authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
            assert!(copy[endpoint].is_string(), "{copy}");
            assert_eq!(copy[endpoint], discovered[endpoint], "{endpoint}");
        }
        let register = format!("{}/oauth2/register", app.pool.base_url());
        assert_eq!(copy["registration_endpoint"], if registers { json!(register) } else { json!(null) });
        assert_eq!(Agent::new().send(Method::HEAD, &app.url(COPY), &[], None).await.status, 200);
        assert_eq!(
            ask(&app.url("/.well-known/openid-configuration"), &[]).await.status,
            404,
            "`iss` is the pool's"
        );
    }
}

#[rocket::async_test]
async fn without_the_setting_no_copy_is_served() {
    let app = Setup::new().set("resource", API).start_with(build).await;
    assert_eq!(ask(&app.url(COPY), &[]).await.status, 404);
}

#[test]
fn a_copy_of_a_pool_that_browsers_do_not_reach_is_refused() {
    let figment = without_sign_in(&Key::new("1")).merge(("cognito.pool_metadata", "served"));
    let said = Cognito::check_settings(&figment.merge(("cognito.resource", API))).unwrap_err().to_string();
    assert!(
        said.starts_with("1 setting needs") && said.contains("`pool_metadata`: needs `domain`"),
        "{said}"
    );
}

/// A route of the app at the same place stops the launch; one for preflights of all paths does not.
#[rocket::async_test]
async fn a_route_where_the_metadata_is_mounted_stops_the_launch() {
    let figment = without_sign_in(&Key::new("1"));
    let launches = async |resource: &str, routes| {
        let figment = figment.clone().merge(("cognito.resource", resource));
        let rocket = rocket::custom(figment).attach(Cognito::fairing()).mount("/", routes);
        match rocket.ignite().await {
            Ok(_) => true,
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::FailedFairings(_)), "{error}");
                false
            }
        }
    };
    assert!(!launches(API, routes![own_metadata]).await);
    assert!(launches("https://api.example.com/v2", routes![own_metadata]).await);
    assert!(launches(API, routes![preflight]).await);
}
