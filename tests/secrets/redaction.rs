//! No public type prints a secret it holds. The internal ones are in `src/config/redaction.rs`.

use std::fmt::{Debug, Display};
use std::time::SystemTime;

use figment::Figment;
use rocket::http::{Accept, Header, Status};
use rocket::local::asynchronous::Client;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::client::{CodeExchange, CognitoClient};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
use rocket_cognito::policy::{All, Any, CredentialSource, Decision, Not, Policy, Rule};
use rocket_cognito::{
    Authorized, Cognito, CognitoUser, Denial, InAnyGroup, InGroups, OrForward, RedirectToLogin,
};
use serde_json::json;

use crate::canary::{Canaries, find};
use crate::support::forge::{JwksFile, Key, access_claims, id_claims, with};
use crate::support::groups::{Admin, Editor};
use crate::support::{figment, settings};

const SECRET: &str = "c4nary-of-a-s3cret/with+signs=and&more";

fn debugged(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}\n")
}

fn shown(value: &(impl Debug + Display)) -> String {
    format!("{value}\n{value:#}\n{}", debugged(value))
}

type Editors = Authorized<All<(Editor, Not<Admin>)>>;

#[get("/")]
#[allow(clippy::too_many_arguments, reason = "every kind of guard there is")]
fn everything(
    user: CognitoUser,
    borrowed: &CognitoUser,
    optional: Option<CognitoUser>,
    result: Result<CognitoUser, Denial>,
    all: InGroups<Editor>,
    any: InAnyGroup<Editor, Admin>,
    editors: Editors,
    forward: OrForward<InGroups<Editor>>,
    refused: Result<InGroups<Admin>, Denial>,
) -> String {
    let json = serde_json::to_string_pretty(&user).unwrap() + &serde_json::to_string(borrowed).unwrap();
    let guards = [debugged(&all), debugged(&any), debugged(&editors), debugged(&forward), debugged(&refused)];
    [debugged(&user), debugged(&borrowed), debugged(&optional), debugged(&result), json, guards.concat()]
        .concat()
}

#[catch(default)]
fn refused(_: Status, request: &Request<'_>) -> String {
    let denial = Denial::of(request).unwrap();
    let users = debugged(&CognitoUser::of(request));
    format!("{}{users}{}", shown(&denial), serde_json::to_string(&denial).unwrap())
}

/// X1.
#[rocket::async_test]
async fn users_guards_and_denials_print_no_token_and_no_header() {
    let key = Key::new("key");
    let keys = JwksFile::new(&[&key]);
    let rocket = rocket::custom(settings(&keys.uri())).attach(Cognito::fairing());
    let rocket = rocket.mount("/", routes![everything]).register("/", catchers![refused]);
    let client = Client::untracked(rocket).await.unwrap();
    let mut canaries = Canaries::default();
    for name in ["nonce", "at_hash", "jti", "origin_jti", "event_id", "custom:secret"] {
        canaries.add(name, format!("c4nary-{name}"));
    }
    let secrets = |claims| {
        ["jti", "origin_jti", "event_id"]
            .into_iter()
            .fold(claims, |claims, name| with(claims, name, json!(format!("c4nary-{name}"))))
    };
    let access = key.token(&secrets(access_claims()));
    let id = with(secrets(id_claims()), "nonce", json!("c4nary-nonce"));
    let id = key.token(&with(id, "custom:secret", json!("c4nary-custom:secret")));
    canaries.add("the access token", access.clone());
    canaries.add("the ID token", id.clone());
    canaries.add("a header", SECRET);

    let session = Header::new("Cookie", format!("cognito_access_token={access}; cognito_id_token={id}"));
    let bearer = |value: String| Header::new("Authorization", value);
    for (what, headers, status) in [
        ("a session", vec![session.clone()], 200),
        ("a bearer token", vec![bearer(format!("Bearer {access}"))], 200),
        ("an ID token", vec![bearer(format!("Bearer {id}"))], 401),
        ("a token cut off", vec![bearer(format!("Bearer {}", &access[..access.len() - 1]))], 401),
        ("no token", vec![bearer(format!("Bearer {SECRET} x"))], 401),
        ("another scheme", vec![bearer(format!("Basic {SECRET}"))], 401),
        ("two headers", vec![bearer(format!("Bearer {access}")), bearer(format!("Basic {SECRET}"))], 400),
        ("no cookie of ours", vec![Header::new("Cookie", format!("cognito_access_token={SECRET}"))], 401),
    ] {
        let request = headers.into_iter().fold(client.get("/").header(Accept::JSON), |request, header| {
            let mut request = request;
            request.add_header(header);
            request
        });
        let response = request.dispatch().await;
        assert_eq!(response.status().code, status, "{what}");
        let text = response.into_string().await.unwrap();
        assert!(text.contains(if status == 200 { "11111111-2222" } else { "code" }), "{what}:\n{text}");
        canaries.assert_untold(&text);
    }
}

/// X1.
#[test]
fn errors_in_settings_print_no_secret() {
    let wrong = |key: &str, value: figment::value::Value| {
        let settings: Figment = settings("http://127.0.0.1:9/").merge((format!("cognito.{key}"), value));
        Cognito::check_settings(&settings).unwrap_err()
    };
    let text = |text: &str| figment::value::Value::from(text);
    for (key, value) in [
        ("client_secret", text(&format!("{SECRET} x"))),
        ("client_secret", vec![SECRET; 3].into()),
        ("secret_keys", text(&SECRET[..20])),
        ("secret_keys", vec![SECRET; 6].into()),
        ("client_secrets", text(SECRET)),
        ("domain", text(&format!("https://user:{SECRET}@auth.example.com"))),
        ("local_pool", text(SECRET)),
        ("local_pool", figment::util::map!["password" => SECRET].into()),
    ] {
        let error = wrong(key, value);
        let chain = std::iter::successors(std::error::Error::source(&error), |error| error.source());
        let text = chain.fold(shown(&error), |text, cause| text + &debugged(&cause));
        assert!(text.contains(key), "{text}");
        for secret in [SECRET, &SECRET[..20]] {
            assert_eq!(find(&text, secret), None, "{text}");
        }
    }
}

/// X1.
#[rocket::async_test]
async fn the_local_pool_prints_neither_passwords_nor_client_secrets_nor_tokens() {
    let user = LocalUser::new("dave").password(SECRET).group("admin");
    let client = LocalClient::new("shop").secret(SECRET).callback_url("http://localhost:8000/auth/callback");
    let config = LocalPoolConfig::default().port(0).user(user.clone()).client(client.clone());
    let table =
        figment().merge(("users", vec![figment::util::map!["username" => "erin", "password" => SECRET]]));
    let read: LocalPoolConfig =
        Figment::new().merge(("users", table.find_value("users").unwrap())).extract().unwrap();
    let pool = LocalPool::start(config.clone()).await.unwrap();
    let tokens = pool.sign_in("dave", "shop").unwrap();

    let text = [
        debugged(&user),
        debugged(&client),
        debugged(&config),
        debugged(&read),
        debugged(&pool),
        debugged(&tokens),
    ];
    let text = text.concat();
    for word in ["dave", "erin", "shop", "[redacted]"] {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
    let mut canaries = Canaries::default();
    canaries.add("a password", SECRET);
    canaries.add("the access token", tokens.access_token);
    canaries.add("the ID token", tokens.id_token);
    canaries.add("the refresh token", tokens.refresh_token);
    canaries.assert_untold(&text);
}

/// X1.
#[rocket::async_test]
async fn clients_and_what_they_hand_out_print_no_secret() {
    let app = LocalClient::new("shop").secret(SECRET).callback_url("http://localhost:8000/cb");
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let user = LocalUser::new("dave").attribute("custom:secret", "c4nary-attribute");
    let config = LocalPoolConfig::default().port(0).user(user).client(app).client(worker);
    let (pool, now) = (LocalPool::start(config).await.unwrap(), SystemTime::now());
    let client = |client_id: &str| {
        CognitoClient::new([
            ("user_pool_id", pool.user_pool_id()),
            ("client_id", client_id),
            ("client_secret", SECRET),
            ("domain", &pool.base_url()),
            ("issuer", &pool.issuer()),
            ("redirect_url", "http://localhost:8000/cb"),
        ])
        .unwrap()
    };
    let (shop, signed_in) = (client("shop"), pool.sign_in("dave", "shop").unwrap());
    let begun = shop.authorization().begin().unwrap();
    let exchange = CodeExchange::of(&begun, "c4nary-code");
    let tokens = shop.refresh(&signed_in.refresh_token, now).await.unwrap();
    let machine = client("worker").client_credentials(&[], now).await.unwrap();
    let info = shop.user_info(tokens.access_token(), now).await.unwrap();
    let errors = [
        shop.exchange_code(exchange.clone(), now).await.map(drop),
        shop.revoke(tokens.access_token()).await,
        shop.refresh("c4nary-refresh", now).await.map(drop),
        shop.verify_access_token(tokens.id_token().unwrap(), now).await.map(drop),
        shop.verify_id_token(tokens.id_token().unwrap(), Some("c4nary-nonce"), now).await.map(drop),
        shop.client_credentials(&[], now).await.map(drop),
    ];

    let mut text = [
        debugged(&shop),
        debugged(&shop.authorization()),
        debugged(&begun),
        debugged(&exchange),
        debugged(&tokens),
        debugged(&machine),
        debugged(&info),
    ]
    .concat();
    for error in errors {
        text += &shown(&error.unwrap_err());
    }
    for word in [
        "shop",
        "SignInRequest",
        "PendingSignIn",
        "CodeExchange",
        "TokenSet",
        "ClientToken",
        "UserInfo",
        "ClientError",
    ] {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
    let mut canaries = Canaries::default();
    for (what, secret) in [
        ("the client secret", SECRET),
        ("the state", begun.state()),
        ("the nonce", begun.nonce()),
        ("the verifier", begun.code_verifier()),
        ("a code", "c4nary-code"),
        ("a made-up refresh token", "c4nary-refresh"),
        ("another nonce", "c4nary-nonce"),
        ("the access token", tokens.access_token()),
        ("the ID token", tokens.id_token().unwrap()),
        ("the refresh token", tokens.refresh_token().unwrap()),
        ("the machine's token", machine.access_token()),
        ("an attribute", "c4nary-attribute"),
    ] {
        canaries.add(what, secret);
    }
    canaries.assert_untold(&text);
}

/// X1: the rest holds names that the application gives, and nothing from a request.
#[test]
fn what_holds_no_secret_prints_what_it_holds() {
    type Rules = Any<(Editor, Not<Admin>)>;
    assert_eq!(shown(&Rules::rule()).matches("editor").count(), 4);
    assert_eq!(debugged(&Decision::Refused(Rule::group("admin"))).matches("admin").count(), 2);
    assert_eq!(debugged(&CredentialSource::Bearer), "Bearer\nBearer\n");
    assert_eq!(debugged(&RedirectToLogin::and_go_to("/welcome")).matches("/welcome").count(), 2);
}
