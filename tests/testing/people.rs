//! Who a test makes up, and what their tokens say.

use std::time::Duration;

use rocket::http::Status;
use rocket::serde::json::{Value, json};
use rocket_cognito::testing::{Ask, BearerCredential, Person};

use crate::app::{client, client_with, figment, panic_of};

fn claims_of(person: &Person, client: &rocket::local::blocking::Client) -> Value {
    let answer = client.get("/claims").signed_in(person).ask();
    assert_eq!(answer.status(), Status::Ok, "{answer:?}");
    serde_json::from_str(&answer.into_string().unwrap()).unwrap()
}

#[test]
fn a_person_has_a_name_an_address_and_a_sub_that_stays() {
    let (pool, client) = client();
    let (alice, again) = (pool.person("alice"), rocket_cognito::testing::TestPool::new().person("alice"));
    assert_eq!(alice.sub(), again.sub());
    assert_ne!(alice.sub(), pool.person("bob").sub());
    let claims = claims_of(&alice, &client);
    assert_eq!(claims["access"]["sub"], alice.sub());
    assert_eq!(claims["access"]["username"], "alice");
    assert_eq!(claims["id"]["cognito:username"], "alice");
    assert_eq!((&claims["email"], &claims["groups"]), (&json!("alice@example.com"), &json!([])));
    assert_eq!(claims["id"]["email_verified"], true);
    assert_eq!(claims["access"].get("cognito:groups"), None, "Cognito leaves it out");
    assert_eq!(claims_of(&alice.with_sub("1234"), &client)["id"]["sub"], "1234");
}

#[test]
fn groups_scopes_attributes_and_claims_reach_the_tokens() {
    let (pool, client) = client();
    let alice = pool
        .person("alice")
        .group("staff")
        .groups(["red", "blue"])
        .scope("orders/read")
        .email("alice@shop.example")
        .attribute("name", "Alice A.")
        .attribute("custom:team", "blue")
        .attribute("email_verified", false)
        .access_claim("tenant", json!({ "id": 7 }))
        .id_claim("plan", ["pro"])
        .level("urn:cognito:loa:4", ["pwd", "otp", "mfa"]);
    let claims = claims_of(&alice, &client);
    let (access, id) = (&claims["access"], &claims["id"]);
    assert_eq!(access["cognito:groups"], json!(["staff", "red", "blue"]));
    assert_eq!(id["cognito:groups"], access["cognito:groups"]);
    let scopes = access["scope"].as_str().unwrap();
    assert!(scopes.contains("openid") && scopes.ends_with(" orders/read"), "{scopes}");
    assert_eq!((&id["name"], &id["custom:team"]), (&json!("Alice A."), &json!("blue")));
    assert_eq!((&id["email"], &id["email_verified"]), (&json!("alice@shop.example"), &json!(false)));
    assert_eq!((&access["tenant"], access.get("plan")), (&json!({ "id": 7 }), None));
    assert_eq!((&id["plan"], id.get("tenant")), (&json!(["pro"]), None));
    for token in [access, id] {
        assert_eq!(
            (&token["acr"], &token["amr"]),
            (&json!("urn:cognito:loa:4"), &json!(["pwd", "otp", "mfa"]))
        );
    }
}

#[test]
fn scopes_decide_what_the_id_token_shows() {
    let (pool, client) = client();
    let alice = pool.person("alice").attribute("name", "Alice").attribute("phone_number", "+1");
    let shown = |scopes: &[&str]| {
        let id = claims_of(&alice.clone().scopes(scopes.iter().copied()), &client)["id"].clone();
        assert_eq!(id.get("phone_number").is_some(), id.get("phone_number_verified").is_some());
        ["email", "phone_number", "name"].map(|name| id.get(name).is_some())
    };
    assert_eq!(shown(&["openid"]), [true; 3]);
    assert_eq!(shown(&["openid", "email"]), [true, false, false]);
    assert_eq!(shown(&["openid", "phone"]), [false, true, false]);
    assert_eq!(shown(&["openid", "phone", "profile"]), [true; 3]);
    assert_eq!(claims_of(&alice.clone().scopes(["email"]), &client)["id"], Value::Null);
    let (_, client) = client_with(figment().merge(("cognito.scopes", "openid phone")));
    let pool = client.rocket().state::<rocket_cognito::testing::TestPool>().unwrap();
    let claims = claims_of(&pool.person("bob"), &client);
    assert_eq!((&claims["access"]["scope"], &claims["email"]), (&json!("openid phone"), &Value::Null));
}

#[test]
fn an_address_and_the_time_of_an_update_have_the_forms_of_cognito() {
    let (pool, client) = client();
    let alice =
        pool.person("alice").attribute("address", "1 High Street").attribute("updated_at", "1700000000");
    let id =
        claims_of(&alice.attribute("phone_number", "+1").attribute("phone_number_verified", false), &client)
            ["id"]
            .clone();
    assert_eq!(
        (&id["address"], &id["updated_at"]),
        (&json!({ "formatted": "1 High Street" }), &json!(1_700_000_000))
    );
    assert_eq!(id["phone_number_verified"], false);
}

#[test]
fn a_person_of_another_provider_has_what_cognito_gives_them() {
    let (pool, client) = client();
    let claims = claims_of(&pool.person("4711").federated("Google").group("staff"), &client);
    assert_eq!(claims["access"]["username"], "Google_4711");
    assert_eq!(claims["groups"], json!(["staff", "eu-west-1_TestPool_Google"]));
    let identity = &claims["id"]["identities"][0];
    assert_eq!(identity["providerName"], "Google");
    assert_eq!(claims["id"]["email_verified"], false, "another provider's word is not verified");
    assert_eq!((&identity["userId"], &identity["primary"]), (&json!("4711"), &json!("true")));
    assert_eq!(claims["access"].get("identities"), None);
    let (google, own) = (pool.person("4711").federated("Google"), pool.person("4711"));
    assert_ne!(google.sub(), own.sub(), "they are two users");
    assert_eq!((google.username().as_str(), own.username().as_str()), ("Google_4711", "4711"));
}

#[test]
fn the_age_of_a_sign_in_is_not_that_of_its_tokens() {
    let (pool, client) = client();
    let of = |minutes: u64| pool.person("alice").signed_in_ago(Duration::from_secs(60 * minutes));
    assert_eq!(client.get("/payroll").signed_in(&of(14)).ask().status(), Status::Ok);
    for answer in
        [client.get("/payroll").signed_in(&of(16)).ask(), client.get("/payroll").bearer(&of(16)).ask()]
    {
        assert_eq!(answer.denial().unwrap().code(), "login_too_old");
    }
    assert_eq!(client.get("/desk").signed_in(&of(16)).ask().status(), Status::Ok);
}

#[test]
fn expired_people_and_machines_are_refused() {
    let (pool, client) = client_with(figment().merge(("cognito.expiration_leeway", 600)));
    let alice = pool.person("alice").expired();
    let answer = client.get("/desk").bearer(&alice).ask();
    assert_eq!(answer.denial().unwrap().code(), "invalid_token");
    assert_eq!(client.get("/desk").signed_in(&alice).ask().denial().unwrap().code(), "session_expired");
    let (pool, client) = client_with(figment().merge(("cognito.accepted_client_ids", ["worker"])));
    let worker = pool.machine("worker").scope("orders/read");
    assert_eq!(client.get("/orders").bearer(&worker.clone().expired()).ask().status(), Status::Unauthorized);
    assert_eq!(client.get("/orders").bearer(&worker).ask().status(), Status::Ok);
}

#[test]
fn clients_and_audiences_count_as_the_settings_say() {
    let settings = figment()
        .merge(("cognito.accepted_client_ids", ["spa", "worker"]))
        .merge(("cognito.accepted_audiences", ["https://api.example.com"]));
    let (pool, client) = client_with(settings);
    let (alice, worker) = (pool.person("alice"), pool.machine("worker"));
    for (person, status) in [
        (alice.clone(), Status::Ok),
        (alice.clone().client_id("spa"), Status::Ok),
        (alice.clone().client_id("other"), Status::Unauthorized),
        (alice.clone().audience("https://api.example.com"), Status::Ok),
        (alice.clone().audience("https://other.example.com"), Status::Unauthorized),
    ] {
        let answer = client.get("/desk").bearer(&person).ask();
        assert_eq!(answer.status(), status, "{person:?}");
    }
    for (machine, code) in [
        (worker.clone().scope("orders/read").access_claim("tenant", 7), None),
        (worker.clone(), Some("rule_not_met")),
        (pool.machine("stranger").scope("orders/read"), Some("invalid_token")),
        (worker.audience("https://other.example.com").scope("orders/read"), Some("invalid_token")),
    ] {
        let answer = client.get("/orders").bearer(&machine).ask();
        assert_eq!(answer.denial().map(|denial| denial.code()), code, "{machine:?}");
    }
}

#[test]
fn an_app_of_id_tokens_gets_one() {
    let (pool, client) = client_with(figment().merge(("cognito.bearer_token_use", "id")));
    let alice = pool.person("alice");
    let token = alice.bearer_token(client.rocket());
    let payload = token.split('.').nth(1).unwrap();
    use base64::Engine;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["token_use"], &claims["aud"]), (&json!("id"), &json!("testclient")));
    assert_eq!(client.get("/desk").bearer(&alice).ask().status(), Status::Ok);
}

#[test]
fn claims_that_are_cognitos_own_are_refused_with_what_to_use() {
    let own = [
        "iss",
        "sub",
        "exp",
        "iat",
        "nbf",
        "auth_time",
        "jti",
        "origin_jti",
        "event_id",
        "token_use",
        "version",
        "nonce",
        "at_hash",
        "azp",
        "acr",
        "amr",
        "client_id",
        "username",
        "identities",
        "scope",
        "aud",
        "cognito:groups",
        "cognito:username",
        "cognito:roles",
        "dev:custom:team",
        "device_key",
    ];
    let (pool, _) = client();
    let alice = || pool.person("alice");
    for claim in own {
        for text in [
            panic_of(|| drop(alice().access_claim(claim, "x"))),
            panic_of(|| drop(alice().id_claim(claim, "x"))),
            panic_of(|| drop(alice().attribute(claim, "x"))),
            panic_of(|| drop(pool.machine("worker").access_claim(claim, "x"))),
        ] {
            assert!(text.starts_with(&format!("`{claim}` is no attribute")), "{text}");
        }
    }
    for (claim, instead) in [("sub", "`with_sub`"), ("cognito:groups", "`group`"), ("acr", "`level`")] {
        let text = panic_of(|| drop(alice().access_claim(claim, "x")));
        assert!(text.ends_with(&format!("use {instead}")), "{text}");
    }
    for name in ["", "two\nlines"] {
        assert!(panic_of(|| drop(pool.person(name))).contains("is no name of a person"));
    }
}

#[test]
fn an_agent_that_acts_for_a_person_is_refused_like_one_of_the_pools() {
    let (pool, client) = client();
    let alice = pool.person("alice");
    assert_eq!(client.get("/claims").bearer(&alice).ask().status(), Status::Ok);
    let answer = client.get("/claims").bearer(&alice.clone().acted_for_by("agent")).ask();
    assert_eq!((answer.status(), answer.denial().unwrap().code()), (Status::Forbidden, "delegated"));
    let (pool, client) = client_with(figment().merge(("cognito.accept_delegated", true)));
    let answer = client.get("/claims").bearer(&pool.person("alice").acted_for_by("agent")).ask();
    let claims: Value = serde_json::from_str(&answer.into_string().unwrap()).unwrap();
    assert_eq!(claims["access"]["act"], json!({ "sub": "agent" }));
    assert_eq!(claims["access"]["sub"], pool.person("alice").sub());
    let agent = pool.person("alice").acted_for_by("agent");
    let said = panic_of(|| drop(client.get("/claims").signed_in(&agent).ask()));
    assert!(said.contains("An agent has no session"), "{said}");
}
