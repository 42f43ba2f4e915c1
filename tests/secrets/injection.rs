//! Nobody writes lines of their own into the log.

use reqwest::Method;
use rocket::local::asynchronous::Client;
use rocket_cognito::Cognito;
use rocket_cognito::testing::TestPool;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::app::{App, Setup, build};
use crate::support::forge::{access_claims, with};
use crate::support::log::{entries, lines, record_everything, text};
use crate::support::pool::{CLIENT_SECRET, Pool, Visit};
use crate::support::rig::{Reply, endpoints};
use crate::support::server::Server;
use crate::support::stub::{Answer, Stub};
use crate::support::{encoded, figment, raw, settings};

/// What ends a line, moves a cursor or turns the direction of writing.
const ATTACKS: [&str; 12] = [
    "x\ncognito_launched: alice signed in",
    "x\rcognito_launched: alice signed in",
    "x\r\n\r\ncognito_launched: alice signed in",
    "x\u{1b}[2J\u{1b}[31mred",
    "x\u{9b}31m",
    "x\0y",
    "x\u{8}\u{8}\u{7}",
    "x\u{7f}",
    "x\u{85}y",
    "x\u{2028}y\u{2029}z",
    "x\u{202e}gnihsif\u{2066}",
    "{} {0} %s %n \\n \"",
];

/// Keeps every line, also those that are limited to once a minute where no tests run.
async fn record_each_time() {
    record_everything();
    let app = TestPool::new().attach(rocket::custom(figment()).attach(Cognito::fairing()));
    drop(Client::untracked(app).await.expect("it launches"));
}

/// Holds that every record of ours is one line of plain text, and that there is one with `words`.
#[track_caller]
fn assert_plain(words: &str) {
    let ours = lines();
    assert!(ours.iter().any(|line| line.contains(words)), "{words:?} was not said: {:?}", text());
    for text in &ours {
        let odd = |letter: char| {
            letter.is_control()
                || ('\u{2028}'..='\u{202e}').contains(&letter)
                || ('\u{2066}'..='\u{2069}').contains(&letter)
        };
        assert!(!text.contains(odd), "{text:?}");
    }
}

/// X7.
#[rocket::async_test]
async fn what_the_pool_says_of_a_refusal_stays_on_one_line() {
    record_each_time().await;
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(build).await;
    for attack in ATTACKS {
        for (error, description) in [(attack, "x"), ("access_denied", attack), (attack, attack)] {
            let visit = Visit::begin(&app.url("")).await;
            let query = format!("error={}&error_description={}", encoded(error), encoded(description));
            let url = app.url(&format!("/auth/callback?state={}&{query}", visit.state));
            assert!(visit.agent.get(&url).await.status.as_u16() >= 400);

            for status in [400, 401, 403] {
                let visit = Visit::begin(&app.url("")).await;
                let body = json!({ "error": error, "error_description": description });
                assert_eq!(visit.deliver(&pool, Reply::json(status, &body)).await.status, 503);
            }
        }
        assert_plain("the pool refused a sign-in");
        assert_plain("the pool answered");
    }
}

/// X7.
#[rocket::async_test]
async fn what_tokens_and_keys_are_called_stays_on_one_line() {
    record_each_time().await;
    let app = App::start().await;
    let pool = Pool::start(endpoints()).await;
    let other = pool.serve(build).await;
    let get = async |url: &str, token: &str| {
        let bearer = format!("Bearer {token}");
        Agent::new().send(Method::GET, url, &[("authorization", &bearer)], None).await.status
    };
    for attack in ATTACKS {
        for name in ["kid", "alg", "typ", "cty"] {
            let token = pool.key.sign(&with(pool.key.header(), name, json!(attack)), &access_claims());
            assert_eq!(get(&app.url("/me"), &token).await, 401);
            assert_eq!(get(&other.url("/me"), &token).await, 401);
        }
        for name in ["sub", "username", "cognito:groups", "iss", "client_id", "token_use", "scope"] {
            let value = if name == "cognito:groups" { json!([attack]) } else { json!(attack) };
            let token = pool.key.token(&with(access_claims(), name, value));
            for path in ["/me", "/admin", "/"] {
                assert!(get(&other.url(path), &token).await.as_u16() < 500, "{name}");
            }
        }
        let jwk: Value = with(pool.key.jwk(), "kid", json!(attack));
        let keys =
            Stub::start(Answer::ok(json!({ "keys": [jwk, { "kid": attack, "kty": attack }] }).to_string()))
                .await;
        Server::start(settings(&keys.url("/keys.json")), build).await.stop().await;
    }
    assert_plain("a bearer token was refused");
    assert_plain("no public keys");
}

/// X7.
#[rocket::async_test]
async fn what_requests_carry_stays_on_one_line() {
    record_each_time().await;
    let app = Setup::new().start().await;
    let address = format!("localhost:{}", app.server.port);
    let names =
        ["Authorization", "Cookie", "Host", "User-Agent", "Origin", "Sec-Fetch-Site", "Accept", "X-Real-IP"];
    for attack in ATTACKS {
        for (name, value) in names.into_iter().flat_map(|name| {
            [
                (name, attack.to_owned()),
                (name, format!("Bearer {attack}")),
                (name, format!("cognito_access_token={attack}")),
            ]
        }) {
            let request = format!(
                "GET /me HTTP/1.1\r\nHost: {address}\r\n{name}: {value}\r\nConnection: close\r\n\r\n"
            );
            raw::exchange(app.server.port, request).await;
        }
        let (agent, attack) = (Agent::new(), encoded(attack));
        for path in [
            "/auth/login?next=",
            "/auth/login?login_hint=",
            "/auth/callback?state=x&code=",
            "/auth/callback/",
            "/me?",
        ] {
            agent.get(&app.url(&format!("{path}{attack}"))).await;
        }
    }
    assert_plain("refused");
}

/// X2: a server may repeat what it was sent in its refusal.
#[rocket::async_test]
async fn a_refusal_that_repeats_the_code_and_the_secret_is_logged_without_them() {
    record_each_time().await;
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(build).await;
    let visit = Visit::begin(&app.url("")).await;
    let said = format!("code {} of {}", visit.code, CLIENT_SECRET);
    let body = json!({ "error": "invalid_request", "error_description": said });
    assert_eq!(visit.deliver(&pool, Reply::json(400, &body)).await.status, 503);
    let log = text();
    assert!(log.contains("code [redacted] of [redacted]"), "{log}");
    assert!(!log.contains(&visit.code) && !log.contains(CLIENT_SECRET));

    // As they were sent, and as no literal search finds them.
    let visit = Visit::begin(&app.url("")).await;
    let secret = encoded(CLIENT_SECRET);
    let half = &visit.nonce[..visit.nonce.len() - 1];
    let said =
        format!("client_secret={secret}&code={} or {secret} or {half} or invalid_client_secret", visit.code);
    let body = json!({ "error": "unsupported_response_type", "error_description": said });
    assert_eq!(visit.deliver(&pool, Reply::json(400, &body)).await.status, 503);
    let visit = Visit::begin(&app.url("")).await;
    let query = format!("error=access_denied&error_description={}", encoded(&format!("of {}", visit.state)));
    let url = app.url(&format!("/auth/callback?state={}&{query}", visit.state));
    assert_eq!(visit.agent.get(&url).await.status, 403);
    let log = text();
    let words =
        "\"unsupported_response_type\" (\"[redacted] or [redacted] or [redacted] or invalid_client_secret\")";
    assert!(log.contains(words) && log.contains("\"of [redacted]\""), "{log}");
    assert!(!log.contains(&secret) && !log.contains(half) && !log.contains(&visit.state));
}

/// X7. A record is to fit into what log shippers take as a line.
#[rocket::async_test]
async fn however_much_is_sent_a_record_stays_short() {
    record_each_time().await;
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(build).await;
    for (letter, times) in [("x", 3_000), ("\u{1b}", 3_000), ("\u{e0001}", 700), ("\u{1f600}", 700)] {
        let text = letter.repeat(times);
        let visit = Visit::begin(&app.url("")).await;
        let query = format!("error={}&error_description={}", encoded(&text), encoded(&text));
        let url = app.url(&format!("/auth/callback?state={}&{query}", visit.state));
        assert_eq!(visit.agent.get(&url).await.status, 400);
        let visit = Visit::begin(&app.url("")).await;
        let body = json!({ "error": text, "error_description": text });
        assert_eq!(visit.deliver(&pool, Reply::json(400, &body)).await.status, 503);
    }
    let longest = entries().into_iter().filter(|entry| entry.target == "rocket_cognito");
    let longest = longest.map(|entry| entry.text).max_by_key(String::len).unwrap();
    assert!(longest.len() <= 1024, "{} bytes: {longest}", longest.len());
}
