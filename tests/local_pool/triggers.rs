//! What a trigger does to tokens, and what it may not.

use figment::Figment;
use figment::providers::{Format, Toml};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalTrigger, LocalUser};
use serde_json::{Value, json};

use crate::browser::*;

/// Cognito's list, "Claims and scopes reference".
const NOT_FOR_TRIGGERS: [&str; 28] = [
    "acr",
    "amr",
    "at_hash",
    "auth_time",
    "azp",
    "client_id",
    "cognito:anything",
    "cognito:groups",
    "cognito:preferred_role",
    "cognito:roles",
    "cognito:username",
    "dev:custom:x",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
    "version",
    "aud",
];

fn worker() -> LocalClient {
    LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials()
}

/// Access and ID token of dave, after a refresh.
async fn tokens(pool: &LocalPool) -> [Value; 2] {
    let refresh_token = pool.sign_in("dave", "shop").unwrap().refresh_token;
    let (_, answer) = Browser::of(pool).refresh(&refresh_token).await;
    ["access_token", "id_token"].map(|name| part(answer[name].as_str().unwrap(), 1))
}

#[rocket::async_test]
async fn a_trigger_adds_any_json_to_either_token_at_sign_in_and_refresh() {
    let tenant = json!({ "id": 7, "tags": ["a", null, 1.5], "on": true });
    let trigger = LocalTrigger::new()
        .access_claim("tenant", tenant.clone())
        .access_claim("email", "in-the-access-token@example.com")
        .id_claim("beta", true)
        .id_claim("custom:team", "red")
        .id_claim("email_verified", false);
    let dave = LocalUser::new("dave").attribute("custom:team", "blue").trigger(trigger);
    let pool = LocalPool::start(config().user(dave)).await.unwrap();
    let first = pool.sign_in("dave", "shop").unwrap();
    let refreshed = tokens(&pool).await;
    for [access, id] in [[part(&first.access_token, 1), part(&first.id_token, 1)], refreshed] {
        assert_eq!((&access["tenant"], access.get("beta")), (&tenant, None));
        assert_eq!(access["email"], "in-the-access-token@example.com");
        assert_eq!((&id["beta"], id.get("tenant")), (&json!(true), None));
        assert_eq!((&id["custom:team"], &id["email_verified"]), (&json!("red"), &json!(false)));
        assert_eq!(id["email"], "dave@example.com");
    }
}

#[rocket::async_test]
async fn groups_of_a_trigger_have_any_characters_and_replace_all_others() {
    let groups = ["Sales, EMEA", "späte Schicht", "a:b", "", "\u{7}"];
    let dave = LocalUser::new("dave").group("admin").trigger(LocalTrigger::new().groups(groups));
    let pool = LocalPool::start(config().user(dave)).await.unwrap();
    for claims in tokens(&pool).await {
        assert_eq!(claims["cognito:groups"], json!(groups));
    }
    pool.set_trigger("dave", LocalTrigger::new().groups(Vec::<String>::new())).unwrap();
    for claims in tokens(&pool).await {
        assert_eq!(claims.get("cognito:groups"), None);
    }
    pool.set_trigger("dave", LocalTrigger::new()).unwrap();
    for claims in tokens(&pool).await {
        assert_eq!(claims["cognito:groups"], json!(["admin"]));
    }
}

#[rocket::async_test]
async fn a_trigger_may_name_the_client_as_the_audience_of_an_access_token() {
    let dave = LocalUser::new("dave").trigger(LocalTrigger::new().access_claim("aud", "shop"));
    let pool = LocalPool::start(config().user(dave)).await.unwrap();
    let audience = |client| part(&pool.sign_in("dave", client).unwrap().access_token, 1).get("aud").cloned();
    assert_eq!((audience("shop"), audience("spa")), (Some(json!("shop")), None));
}

#[rocket::async_test]
async fn machines_have_a_trigger_of_their_own() {
    let trigger =
        LocalTrigger::new().access_claim("tenant", json!({ "id": 7 })).access_claim("aud", "worker");
    let pool = LocalPool::start(config().client(worker().trigger(trigger))).await.unwrap();
    let by_http = async || {
        let form = [("grant_type", "client_credentials"), ("client_id", "worker"), ("client_secret", SECRET)];
        let (_, answer) = Browser::of(&pool).token_by_form(&form).await;
        part(answer["access_token"].as_str().unwrap(), 1)
    };
    let claims = by_http().await;
    assert_eq!((&claims["tenant"], &claims["aud"]), (&json!({ "id": 7 }), &json!("worker")));
    assert_eq!(claims.get("username"), None);

    pool.set_machine_trigger("worker", LocalTrigger::new().access_claim("tenant", "acme")).unwrap();
    assert_eq!(by_http().await["tenant"], "acme");
    assert_eq!(part(&pool.machine_token("worker").unwrap(), 1)["tenant"], "acme");
    for (client, trigger, words) in [
        ("shop", LocalTrigger::new(), "no machine \"shop\""),
        ("worker", LocalTrigger::new().access_claim("sub", "x"), "claim `sub`"),
        ("worker", LocalTrigger::new().groups(["a"]), "in no group"),
        ("worker", LocalTrigger::new().id_claim("a", 1), "no ID token"),
        ("worker", LocalTrigger::new().access_claim("aud", "shop"), "type aud = \"worker\""),
    ] {
        let error = pool.set_machine_trigger(client, trigger).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(by_http().await["tenant"], "acme", "as before");
}

#[rocket::async_test]
async fn claims_that_no_trigger_may_set_are_refused_at_launch() {
    let refusal =
        async |config: LocalPoolConfig| LocalPool::start(config.port(0)).await.unwrap_err().to_string();
    let mut dave = LocalTrigger::new();
    for name in NOT_FOR_TRIGGERS {
        dave = dave.access_claim(name, 7).id_claim(name, "x");
    }
    let text = refusal(LocalPoolConfig::default().user(LocalUser::new("dave").trigger(dave.clone()))).await;
    for name in NOT_FOR_TRIGGERS {
        let problem = format!("dave's claim `{name}` is none that a trigger may set: ");
        assert_eq!(text.matches(&problem).count(), 2, "{name}: {text}");
    }
    let access_alone =
        NOT_FOR_TRIGGERS.iter().fold(LocalTrigger::new(), |trigger, name| trigger.access_claim(*name, 7));
    let text = refusal(LocalPoolConfig::default().client(worker().trigger(access_alone))).await;
    assert_eq!(text.matches("is none that a trigger may set").count(), NOT_FOR_TRIGGERS.len(), "{text}");
    assert!(text.contains("`clients[0].trigger.access_claims`: worker's claim `acr`"), "{text}");

    let nested = LocalTrigger::new().id_claim("address", json!({ "formatted": "x" })).id_claim("", 1);
    let text = refusal(LocalPoolConfig::default().user(LocalUser::new("dave").trigger(nested))).await;
    assert!(text.contains("`users[0].trigger.id_claims`: dave's claim `address` is a text"), "{text}");
    assert!(text.contains("without a name"), "{text}");
    let people = LocalClient::new("spa").trigger(LocalTrigger::new().access_claim("a", 1));
    let text = refusal(LocalPoolConfig::default().client(people)).await;
    assert!(text.contains("`clients[0].trigger`: the client spa is for people"), "{text}");
}

#[rocket::async_test]
async fn what_a_trigger_may_not_set_comes_with_the_key_to_type() {
    for (name, remedy) in [
        ("sub", "type sub = "),
        ("cognito:groups", "type trigger = { groups = "),
        ("cognito:roles", "not as a claim; type roles = "),
        ("cognito:preferred_role", "type preferred_role = "),
        ("identities", "type identities = [{ provider = \"Google\""),
        ("exp", "type access_token_seconds"),
        ("scope", "type scopes = "),
        ("dev:x", "custom:"),
    ] {
        let trigger = LocalTrigger::new().id_claim(name, "x");
        let config = LocalPoolConfig::default().port(0).user(LocalUser::new("dave").trigger(trigger));
        let text = LocalPool::start(config).await.unwrap_err().to_string();
        assert!(text.contains("`users[0].trigger.id_claims`: ") && text.contains(remedy), "{text}");
    }
}

#[rocket::async_test]
async fn a_trigger_is_a_table_of_any_values() {
    let toml = r#"
        port = 0
        [[users]]
        username = "dave"
        [users.trigger]
        groups = ["Any thing"]
        access_claims = { tenant = { id = 7, tags = ["a", 1.5, false] } }
        id_claims = { beta = true }
        [[clients]]
        client_id = "shop"
        client_secret = "s3cret"
        [[clients]]
        client_id = "worker"
        client_secret = "s3cret"
        scopes = ["orders/read"]
        client_credentials = true
        trigger = { access_claims = { tenant = "acme" } }
    "#;
    let config = Figment::from(Toml::string(toml)).extract::<LocalPoolConfig>().unwrap();
    let pool = LocalPool::start(config).await.unwrap();
    let [access, id] = tokens(&pool).await;
    assert_eq!(access["tenant"], json!({ "id": 7, "tags": ["a", 1.5, false] }));
    assert_eq!((&id["beta"], &id["cognito:groups"]), (&json!(true), &json!(["Any thing"])));
    assert_eq!(part(&pool.machine_token("worker").unwrap(), 1)["tenant"], "acme");
}
