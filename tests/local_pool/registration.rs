//! `POST /oauth2/register`: clients that register themselves (RFC 7591).

use std::fs;

use reqwest::{Method, RequestBuilder, Url};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalRegistration};
use serde_json::{Value, json};

use crate::api::{done, of_pool, refused};
use crate::browser::*;
use crate::state::Folder;

const REGISTER: &str = "/oauth2/register";
const REGISTRATION_SCOPE: &str = "aws.cognito/dcr/register";

fn open() -> LocalPoolConfig {
    config().registration(LocalRegistration::Open).registration_scopes(["tools/call"])
}

fn authenticated() -> LocalPoolConfig {
    let registrar = LocalClient::new("registrar").secret(SECRET).client_credentials();
    let people = LocalClient::new("people").callback_url(CALLBACK).scope(REGISTRATION_SCOPE);
    let config = open().registration(LocalRegistration::Authenticated);
    let config = config.client(registrar.scope(REGISTRATION_SCOPE).scope("orders/read"));
    config.client(people.scope("openid"))
}

async fn start_with(config: LocalPoolConfig) -> (LocalPool, Browser) {
    let pool = LocalPool::start(config).await.unwrap();
    let browser = Browser::of(&pool);
    (pool, browser)
}

fn asking(browser: &Browser, metadata: &Value) -> RequestBuilder {
    let request = browser.request(Method::POST, browser.url(REGISTER, &[]));
    request.header("Content-Type", "application/json").body(metadata.to_string())
}

async fn registered(browser: &Browser, metadata: Value) -> Value {
    let (status, client) = answer(asking(browser, &metadata)).await;
    assert_eq!(status, 201, "{metadata}: {client}");
    client
}

/// What a public client of people sends.
fn public() -> Value {
    json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" })
}

fn with(mut metadata: Value, name: &str, value: Value) -> Value {
    metadata[name] = value;
    metadata
}

fn id(client: &Value) -> &str {
    client["client_id"].as_str().unwrap()
}

#[rocket::async_test]
async fn a_public_client_registers_signs_people_in_and_refreshes() {
    let (pool, mut browser) = start_with(open()).await;
    let more = json!({
        "client_name": "Inspector",
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "response_types": ["code", "token"],
        "software_id": { "unknown": true },
    });
    let mut metadata = public();
    metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let client = registered(&browser, metadata).await;
    assert_eq!(
        keys(&client).join(" "),
        "client_id client_id_issued_at client_name grant_types redirect_uris response_types scope \
         token_endpoint_auth_method"
    );
    for (name, value) in [
        ("client_name", json!("Inspector")),
        ("grant_types", json!(["authorization_code", "refresh_token"])),
        ("redirect_uris", json!([CALLBACK])),
        ("response_types", json!(["code"])),
        ("scope", json!("openid email phone profile tools/call")),
        ("token_endpoint_auth_method", json!("none")),
    ] {
        assert_eq!(client[name], value, "{name}");
    }
    let is_lower = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    assert!(id(&client).len() == 26 && id(&client).chars().all(is_lower), "{client}");

    let code = browser.code_for(id(&client), "alice").await;
    let (status, refused) =
        browser.token_by_form(&[redeem(&code), vec![("client_id", "spa")]].concat()).await;
    assert_eq!((status, refused), invalid_grant(), "a code of another client");
    let (status, tokens) =
        browser.token_by_form(&[redeem(&code), vec![("client_id", id(&client))]].concat()).await;
    assert_eq!(status, 200, "{tokens}");
    let access = part(tokens["access_token"].as_str().unwrap(), 1);
    assert_eq!((&access["client_id"], &access["scope"]), (&client["client_id"], &client["scope"]));
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 1)["aud"], client["client_id"]);

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", id(&client))];
    let (status, refreshed) = browser.token_by_form(&form).await;
    assert_eq!(status, 200, "{refreshed}");
    assert!(pool.sign_in("bob", id(&client)).is_some());
    assert_eq!(pool.requests(REGISTER), 1);
}

#[rocket::async_test]
async fn a_confidential_client_gets_a_secret_and_needs_it() {
    let (_pool, mut browser) = start_with(open()).await;
    for method in [None, Some("client_secret_basic"), Some("client_secret_post")] {
        let metadata = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": method });
        let client = registered(&browser, metadata).await;
        assert_eq!(client["token_endpoint_auth_method"], method.unwrap_or("client_secret_basic"));
        assert_eq!(client["client_secret_expires_at"], 0);
        let secret = client["client_secret"].as_str().unwrap();
        assert_eq!(secret.len(), 52);

        browser.cookie = None;
        let code = browser.code_for(id(&client), "alice").await;
        let form = [redeem(&code), vec![("client_id", id(&client))]].concat();
        let (status, refused) = browser.token_by_form(&form).await;
        assert_eq!((status, &refused["error"]), (400, &json!("invalid_client")), "no secret");
        let (status, tokens) = match method {
            Some("client_secret_post") => {
                browser.token_by_form(&[form, vec![("client_secret", secret)]].concat()).await
            }
            _ => {
                let request = browser.post(browser.url("/oauth2/token", &[]), &redeem(&code));
                answer(request.basic_auth(id(&client), Some(secret))).await
            }
        };
        assert_eq!(status, 200, "{tokens}");
    }
}

#[rocket::async_test]
async fn what_cannot_be_registered_is_reported_by_its_kind() {
    let (_pool, browser) = start_with(open()).await;
    let (uri, metadata) = ("invalid_redirect_uri", "invalid_client_metadata");
    let uris = |uris: Value| with(public(), "redirect_uris", uris);
    let changed = |name: &str, value: Value| with(public(), name, value);
    for (sent, error, word) in [
        (json!({}), uri, "required"),
        (uris(json!([])), uri, "required"),
        (uris(json!(["http://app.example/callback"])), uri, "https"),
        (uris(json!([CALLBACK, "app:/callback"])), uri, "absolute"),
        (uris(json!(["https://app.example/callback#here"])), uri, "fragment"),
        (uris(json!(vec![CALLBACK; 101])), uri, "100"),
        (uris(json!(CALLBACK)), metadata, "type"),
        (changed("grant_types", json!(["implicit"])), metadata, "authorization_code"),
        (changed("grant_types", json!(["refresh_token"])), metadata, "authorization_code"),
        (changed("grant_types", json!(["authorization_code", "password"])), metadata, "grant_types"),
        (changed("grant_types", json!(["client_credentials"])), metadata, "authenticated"),
        (changed("response_types", json!(["token"])), metadata, "response_types"),
        (changed("response_types", json!(["code", "id_token"])), metadata, "response_types"),
        (changed("token_endpoint_auth_method", json!("private_key_jwt")), metadata, "auth_method"),
        (changed("scope", json!("openid orders/read")), metadata, "scope"),
        (changed("scope", json!(REGISTRATION_SCOPE)), metadata, "scope"),
        (changed("client_name", json!("x".repeat(129))), metadata, "client_name"),
        (changed("client_name", json!("two\nlines")), metadata, "client_name"),
        (json!([CALLBACK]), metadata, "object"),
    ] {
        let (status, answered) = answer(asking(&browser, &sent)).await;
        assert_eq!((status, &answered["error"]), (400, &json!(error)), "{sent}: {answered}");
        let description = answered["error_description"].as_str().unwrap();
        assert!(description.contains(word), "{sent}: {description}");
    }
    let url = || browser.url(REGISTER, &[]);
    let twice = format!(r#"{{"redirect_uris":["{CALLBACK}"],"redirect_uris":["{CALLBACK}"]}}"#);
    let long = with(public(), "unknown", json!("x".repeat(65_536))).to_string();
    for (content_type, body, word) in [
        ("application/json", twice, "twice"),
        ("application/json", long, "too long"),
        ("text/plain", public().to_string(), "Content-Type"),
    ] {
        let request = browser.request(Method::POST, url()).header("Content-Type", content_type).body(body);
        let (status, answered) = answer(request).await;
        assert_eq!((status, &answered["error"]), (400, &json!(metadata)), "{answered}");
        assert!(answered["error_description"].as_str().unwrap().contains(word), "{answered}");
    }
}

#[rocket::async_test]
async fn without_the_setting_nobody_registers_and_discovery_names_no_endpoint() {
    for (config, status, is_named) in
        [(config(), 404, false), (open(), 201, true), (authenticated(), 401, true)]
    {
        let (pool, browser) = start_with(config).await;
        let answered = asking(&browser, &public()).send().await.unwrap();
        assert_eq!(answered.status(), status);
        let url = Url::parse(&format!("{}/.well-known/openid-configuration", pool.issuer())).unwrap();
        let (_, discovery) = answer(browser.get_url(url)).await;
        let endpoint = format!("{}{REGISTER}", pool.base_url());
        let named = if is_named { json!(endpoint) } else { Value::Null };
        assert_eq!(discovery.get("registration_endpoint").unwrap_or(&Value::Null), &named);
    }
}

#[rocket::async_test]
async fn an_authenticated_registration_needs_a_token_with_the_scope() {
    let (pool, browser) = start_with(authenticated()).await;
    let of_people = pool.sign_in("alice", "people").unwrap();
    let revoked = pool.sign_in("bob", "people").unwrap();
    let form = [("token", &*revoked.refresh_token), ("client_id", "people")];
    let revocation = browser.post(browser.url("/oauth2/revoke", &[]), &form).send().await.unwrap();
    assert_eq!(revocation.status(), 200);
    let of_disabled = pool.sign_in("carol", "people").unwrap();
    pool.disable_user("carol").unwrap();
    let unscoped = pool.sign_in("alice", "spa").unwrap();
    let mut forged = of_people.access_token.clone();
    forged.truncate(forged.len() - 4);
    for (what, token, word) in [
        ("none", None, "is needed"),
        ("forged", Some(forged), "is needed"),
        ("of a sign-in that has ended", Some(revoked.access_token), "is needed"),
        ("of a disabled user", Some(of_disabled.access_token), "is needed"),
        ("an ID token", Some(of_people.id_token), "is needed"),
        ("without the scope", Some(unscoped.access_token), REGISTRATION_SCOPE),
    ] {
        let request = asking(&browser, &public());
        let request = token.into_iter().fold(request, RequestBuilder::bearer_auth);
        let response = request.send().await.unwrap();
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{what}: {challenge}");
        assert_eq!(response.status(), 401, "{what}");
        let answered: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(answered["error"], "invalid_token", "{what}");
        assert!(answered["error_description"].as_str().unwrap().contains(word), "{what}: {answered}");
    }
    for token in [of_people.access_token, pool.machine_token("registrar").unwrap()] {
        let (status, client) = answer(asking(&browser, &public()).bearer_auth(&token)).await;
        assert_eq!(status, 201, "{client}");
        assert!(pool.sign_in("alice", id(&client)).is_some());
    }
}

#[rocket::async_test]
async fn an_authenticated_registration_makes_machines_too() {
    let (pool, browser) = start_with(authenticated()).await;
    let token = pool.machine_token("registrar").unwrap();
    let ask = async |metadata: &Value| answer(asking(&browser, metadata).bearer_auth(&token)).await;
    let machine = json!({ "grant_types": ["client_credentials"] });
    let (status, client) = ask(&machine).await;
    assert_eq!(status, 201, "{client}");
    assert_eq!((&client["scope"], &client["response_types"]), (&json!("tools/call"), &json!([])));
    assert_eq!(client["grant_types"], json!(["client_credentials"]));
    assert_eq!(client.get("redirect_uris"), None);
    let secret = client["client_secret"].as_str();
    let url = browser.url("/oauth2/token", &[]);
    let request = browser.post(url, &[("grant_type", "client_credentials")]).basic_auth(id(&client), secret);
    let (status, tokens) = answer(request).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = part(tokens["access_token"].as_str().unwrap(), 1);
    assert_eq!((&claims["sub"], &claims["scope"]), (&client["client_id"], &json!("tools/call")));

    let combined = json!(["client_credentials", "authorization_code"]);
    for (sent, error) in [
        (with(machine.clone(), "redirect_uris", json!([CALLBACK])), "invalid_redirect_uri"),
        (with(machine.clone(), "token_endpoint_auth_method", json!("none")), "invalid_client_metadata"),
        (with(machine.clone(), "response_types", json!(["code"])), "invalid_client_metadata"),
        (with(machine.clone(), "scope", json!("openid")), "invalid_client_metadata"),
        (with(public(), "grant_types", combined), "invalid_client_metadata"),
    ] {
        let (status, answered) = ask(&sent).await;
        assert_eq!((status, &answered["error"]), (400, &json!(error)), "{sent}: {answered}");
    }
}

#[rocket::async_test]
async fn a_pool_keeps_a_hundred_registered_clients_and_says_so() {
    let (_pool, browser) = start_with(open()).await;
    for _ in 0..100 {
        registered(&browser, public()).await;
    }
    let (status, answered) = answer(asking(&browser, &public())).await;
    assert_eq!((status, &answered["error"]), (503, &json!("temporarily_unavailable")));
    assert!(answered["error_description"].as_str().unwrap().contains("100"), "{answered}");
}

#[rocket::async_test]
async fn registered_clients_outlive_a_restart_and_files_from_before_are_read() {
    let folder = Folder::new();
    let config = || folder.config().registration(LocalRegistration::Open);
    let (pool, browser) = start_with(config()).await;
    let metadata = json!({ "redirect_uris": [CALLBACK], "client_name": "Inspector" });
    let client = registered(&browser, metadata).await;
    pool.stop().await;

    // Also where nobody may register any more.
    let (pool, mut browser) = start_with(folder.config()).await;
    let code = browser.code_for(id(&client), "alice").await;
    let request = browser.post(browser.url("/oauth2/token", &[]), &redeem(&code));
    let (status, tokens) = answer(request.basic_auth(id(&client), client["client_secret"].as_str())).await;
    assert_eq!(status, 200, "{tokens}");
    pool.stop().await;

    let mut state = folder.state();
    state["content"].as_object_mut().unwrap().remove("registered_clients").unwrap();
    fs::write(folder.path("pool.json"), state.to_string()).unwrap();
    let (pool, browser) = start_with(config()).await;
    assert!(pool.sign_in("alice", id(&client)).is_none() && pool.sign_in("alice", "spa").is_some());
    registered(&browser, public()).await;
    pool.stop().await;
}

#[rocket::async_test]
async fn redirect_uris_of_registered_clients_match_exactly_with_their_port() {
    let (_pool, browser) = start_with(open()).await;
    let uris = json!(["http://127.0.0.1:49152/callback", "https://app.example/callback"]);
    let client = registered(&browser, with(public(), "redirect_uris", uris)).await;
    for (uri, is_right) in [
        ("http://127.0.0.1:49152/callback", true),
        ("https://app.example/callback", true),
        ("http://127.0.0.1:49153/callback", false),
        ("http://localhost:49152/callback", false),
        ("http://127.0.0.1:49152/callback/", false),
        (CALLBACK, false),
    ] {
        let parameters = [("response_type", "code"), ("client_id", id(&client)), ("redirect_uri", uri)];
        let location = location(&browser.get("/oauth2/authorize", &parameters).await);
        assert_eq!(location.starts_with("/login?"), is_right, "{uri}: {location}");
        assert_eq!(location.starts_with("/error?error=redirect_mismatch"), !is_right, "{uri}: {location}");
    }
}

#[rocket::async_test]
async fn a_registered_client_has_the_scopes_that_it_asked_for() {
    let (pool, browser) = start_with(open()).await;
    let client = registered(&browser, with(public(), "scope", json!("tools/call openid"))).await;
    assert_eq!(client["scope"], "openid tools/call");
    for (scope, is_right) in [("openid tools/call", true), ("openid email", false), ("orders/read", false)] {
        let parameters = [authorize(id(&client)), vec![("scope", scope)]].concat();
        let location = location(&browser.get("/oauth2/authorize", &parameters).await);
        assert_eq!(location.starts_with("/login?"), is_right, "{scope}: {location}");
    }
    let tokens = pool.sign_in("alice", id(&client)).unwrap();
    assert_eq!(part(&tokens.access_token, 1)["scope"], "openid tools/call");
}

#[rocket::async_test]
async fn scripts_of_any_origin_register_clients() {
    let (_pool, browser) = start_with(open()).await;
    let url = || browser.url(REGISTER, &[]);
    let preflight = browser.request(Method::OPTIONS, url()).header("Origin", "http://localhost:5173");
    let preflight = preflight
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    let answered = preflight.send().await.unwrap();
    assert_eq!(answered.status(), 204);
    for (header, value) in [("origin", "*"), ("methods", "POST"), ("headers", "content-type")] {
        assert_eq!(answered.headers()[format!("access-control-allow-{header}")], value);
    }
    for (metadata, status) in [(public(), 201), (json!({}), 400)] {
        let answered = asking(&browser, &metadata).header("Origin", "http://localhost:5173");
        let answered = answered.send().await.unwrap();
        assert_eq!(answered.status(), status);
        assert_eq!(answered.headers()["access-control-allow-origin"], "*");
        assert_eq!(answered.headers()["cache-control"], "no-store");
    }
}

#[rocket::async_test]
async fn a_registered_client_takes_no_passwords_and_the_landing_page_does_not_show_it() {
    let (pool, browser) = start_with(open()).await;
    let page = async || browser.get("/", &[]).await.text().await.unwrap();
    let before = page().await;
    let client = registered(&browser, with(public(), "client_name", json!("Inspector"))).await;
    assert_eq!(page().await, before);
    assert_eq!(pool.client_ids(), ["shop", "spa"]);

    let parameters = json!({ "USERNAME": "alice", "PASSWORD": "Passw0rd!" });
    let body = json!({
        "ClientId": id(&client), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters,
    });
    let (kind, message) = refused(&browser, "InitiateAuth", body).await;
    assert_eq!(kind, "InvalidParameterException");
    assert!(message.contains("registered themselves"), "{message}");
    let listed = done(&browser, "ListUserPoolClients", of_pool(json!({}))).await;
    let listed = listed["UserPoolClients"].as_array().unwrap();
    let names: Vec<_> = listed.iter().map(|client| client["ClientName"].as_str().unwrap()).collect();
    assert_eq!(names, ["shop", "spa", "Inspector"]);
    for (client_id, kind, flows) in [
        (id(&client), "DCR", ["ALLOW_REFRESH_TOKEN_AUTH"].as_slice()),
        (
            "spa",
            "REGULAR",
            &["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        ),
    ] {
        let described = of_pool(json!({ "ClientId": client_id }));
        let described = done(&browser, "DescribeUserPoolClient", described).await["UserPoolClient"].take();
        assert_eq!(
            (&described["ClientType"], &described["ExplicitAuthFlows"]),
            (&json!(kind), &json!(flows))
        );
    }
}

#[rocket::async_test]
async fn wrong_settings_of_registration_are_refused() {
    let folder = Folder::new();
    let path = folder.path("pool.toml");
    let read = |toml: &str| {
        fs::write(&path, toml).unwrap();
        LocalPoolConfig::from_file(&path)
    };
    for right in
        ["registration = \"open\"", "registration = \"authenticated\"\nregistration_scopes = [\"a/b\"]"]
    {
        read(right).unwrap().check().unwrap();
    }
    for (wrong, words) in [
        ("registration = \"closed\"", "`registration`"),
        ("registration = true", "`registration`"),
        ("clients = [{ client_id = \"spa\", token_exchange = \"all\" }]", "`clients[0].token_exchange`"),
        ("registration_scopes = [\"tools/call\"]", "needs `registration`"),
        ("registration = \"open\"\nregistration_scopes = [\"a b\"]", "is no scope"),
        ("registration = \"open\"\nregistration_scopes = [\"openid\"]", "twice"),
        ("registration = \"open\"\nregistration_scopes = [\"a/b\", \"a/b\"]", "twice"),
        (
            "registration = \"open\"\nregistration_scopes = [\"aws.cognito/dcr/register\"]",
            "no registered client",
        ),
    ] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{wrong}: {error}");
    }
    let many = (0..51).map(|number| format!("tools/{number}"));
    let error = open().registration_scopes(many).check().unwrap_err().to_string();
    assert!(error.contains("51 scopes"), "{error}");
}
