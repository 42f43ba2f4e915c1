//! Token endpoints that answer anything but the tokens of this sign-in.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::assert_refused;
use crate::support::app::SECRET;
use crate::support::figment;
use crate::support::forge::{self, CLIENT_ID, Key, access_claims, base64url, id_claims, with, without};
use crate::support::rig::{REFRESH, Reply, Rig, answer, endpoints, pairs};
use crate::support::server::Server;

#[rocket::async_test]
async fn a_good_answer_signs_in_and_the_calls_carry_what_they_must() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let page = rig.deliver(&attempt, Reply::json(200, &rig.tokens(&attempt))).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"));
    assert_eq!(attempt.agent.get(&rig.app.url("/me")).await.status, 200);
    assert_eq!(rig.revoked(), [""; 0]);

    let (form, header) = rig.endpoint.exchanges.lock().unwrap()[0].clone();
    let verifier = form.iter().find(|(name, _)| name == "code_verifier").unwrap().1.clone();
    let expected = pairs(&[
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", "http://localhost:8000/auth/callback"),
        ("code", "a-code"),
        ("code_verifier", &verifier),
        ("client_secret", SECRET),
    ]);
    assert_eq!((form, header), (expected, None), "the secret arrives intact, and once");

    let headers = [("sec-fetch-site", "same-origin")];
    attempt.agent.post(&rig.app.url("/auth/logout"), &headers, &[]).await;
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{SECRET}")));
    let calls = rig.endpoint.revocations.lock().unwrap().clone();
    assert_eq!(calls, [(pairs(&[("token", REFRESH)]), Some(basic))]);
}

#[rocket::async_test]
async fn a_public_client_names_itself_and_sends_no_secret() {
    let rig = Rig::start_with(|settings| settings).await;
    let attempt = rig.begin().await;
    rig.deliver(&attempt, Reply::json(200, &rig.tokens(&attempt))).await;
    let (form, header) = rig.endpoint.exchanges.lock().unwrap()[0].clone();
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["grant_type", "client_id", "redirect_uri", "code", "code_verifier"]);
    assert_eq!(header, None);

    let headers = [("sec-fetch-site", "same-origin")];
    attempt.agent.post(&rig.app.url("/auth/logout"), &headers, &[]).await;
    let calls = rig.endpoint.revocations.lock().unwrap().clone();
    assert_eq!(calls, [(pairs(&[("token", REFRESH), ("client_id", CLIENT_ID)]), None)]);
}

#[rocket::async_test]
async fn tokens_of_anything_but_this_sign_in_are_refused_and_revoked() {
    let rig = Rig::start().await;
    let (stranger, now) = (Key::new("the-pools-key"), forge::now());
    type Make<'a> = Box<dyn Fn(&Rig, &str) -> Value + Send + 'a>;
    let id = |nonce: &str| with(id_claims(), "nonce", nonce.into());
    let access_with = |name: &'static str, value: Value| -> Make<'_> {
        Box::new(move |rig, nonce| rig.answer(&with(access_claims(), name, value.clone()), &id(nonce)))
    };
    let id_with = |name: &'static str, value: Value| -> Make<'_> {
        Box::new(move |rig, nonce| rig.answer(&access_claims(), &with(id(nonce), name, value.clone())))
    };
    let rows: Vec<(&str, Make<'_>)> = vec![
        ("no nonce", Box::new(|rig, _| rig.answer(&access_claims(), &id_claims()))),
        ("another nonce", id_with("nonce", "x".repeat(43).into())),
        ("an empty nonce", id_with("nonce", "".into())),
        (
            "a list of nonces",
            Box::new(|rig, nonce| rig.answer(&access_claims(), &with(id_claims(), "nonce", json!([nonce])))),
        ),
        ("a nonce and more", Box::new(|rig, nonce| rig.answer(&access_claims(), &id(&format!("{nonce}x"))))),
        (
            "the nonce in the access token only",
            Box::new(|rig, nonce| rig.answer(&with(access_claims(), "nonce", nonce.into()), &id_claims())),
        ),
        ("another person's ID token", id_with("sub", "22222222-2222-4333-8444-555555555555".into())),
        ("another person's access token", access_with("sub", "22222222-2222-4333-8444-555555555555".into())),
        ("another sign-in's access token", access_with("origin_jti", "other".into())),
        ("a wrong at_hash", id_with("at_hash", "x".repeat(22).into())),
        ("an empty at_hash", id_with("at_hash", "".into())),
        ("an ID token for two clients", id_with("aud", json!([CLIENT_ID, "other"]))),
        ("an access token that ends before it begins", access_with("exp", (now - 60).into())),
        ("two issuers", access_with("iss", json!([forge::ISSUER]))),
        (
            "the ID token twice",
            Box::new(|rig, nonce| {
                let id = rig.key.token(&id(nonce));
                answer(&id, &id)
            }),
        ),
        (
            "the access token twice",
            Box::new(|rig, _| {
                let access = rig.key.token(&access_claims());
                answer(&access, &access)
            }),
        ),
        ("tokens exchanged for one another", Box::new(|rig, nonce| rig.answer(&id(nonce), &access_claims()))),
        (
            "no token_use",
            Box::new(|rig, nonce| rig.answer(&access_claims(), &without(id(nonce), "token_use"))),
        ),
        (
            "a stranger's ID token",
            Box::new(|rig, nonce| answer(&rig.key.token(&access_claims()), &stranger.token(&id(nonce)))),
        ),
        (
            "a stranger's access token",
            Box::new(|rig, nonce| answer(&stranger.token(&access_claims()), &rig.key.token(&id(nonce)))),
        ),
        (
            "alg none",
            Box::new(|rig, nonce| {
                let none =
                    format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(id(nonce).to_string()));
                answer(&rig.key.token(&access_claims()), &none)
            }),
        ),
        (
            "a critical extension",
            Box::new(|rig, nonce| {
                let header = with(rig.key.header(), "crit", json!(["exp"]));
                answer(&rig.key.token(&access_claims()), &rig.key.sign(&header, &id(nonce)))
            }),
        ),
        ("text instead of tokens", Box::new(|_, _| answer("x", "y"))),
        ("empty tokens", Box::new(|_, _| answer("", ""))),
    ];
    for (index, (what, make)) in rows.iter().enumerate() {
        let attempt = rig.begin().await;
        let page = rig.deliver(&attempt, Reply::json(200, &make(&rig, &attempt.nonce))).await;
        assert_refused(&page, 400, "tokens_refused", what);
        assert!(attempt.agent.cookies().is_empty(), "{what}");
        assert_eq!(rig.revokes().await, [REFRESH], "{what}");
        assert_eq!(rig.exchanges(), index + 1);
    }
}

#[rocket::async_test]
async fn an_answer_without_an_id_token_is_the_operators_business() {
    let rig = Rig::start().await;
    for id in [None, Some(Value::Null)] {
        let attempt = rig.begin().await;
        let mut tokens = without(rig.tokens(&attempt), "id_token");
        if let Some(id) = id {
            tokens["id_token"] = id;
        }
        let page = rig.deliver(&attempt, Reply::json(200, &tokens)).await;
        assert_refused(&page, 503, "sign_in_misconfigured", "no ID token");
        assert_eq!(rig.revokes().await, [REFRESH]);
    }
}

#[rocket::async_test]
async fn an_answer_that_is_none_asks_to_try_again() {
    let rig = Rig::start().await;
    let evil =
        Server::start(figment(), |rocket| rocket.manage(rig.endpoint.clone()).mount("/", endpoints())).await;
    let good = rig.tokens(&rig.begin().await);
    let changed = |name: &str, value: Value| Reply::json(200, &with(good.clone(), name, value));
    let text = good.to_string();
    let redirect = Reply { location: Some(evil.url("/oauth2/token")), ..Reply::json(307, &good) };
    let json = "application/json";
    let not_utf8 = [b"{\"x\":\"\xff\",", &text.as_bytes()[1..]].concat();
    let rows = [
        ("token_type mac", changed("token_type", "mac".into())),
        ("no token_type", Reply::json(200, &without(good.clone(), "token_type"))),
        ("a token_type of another type", changed("token_type", json!(["Bearer"]))),
        ("no access token", Reply::json(200, &without(good.clone(), "access_token"))),
        ("an access token of another type", changed("access_token", json!({}))),
        ("an ID token of another type", changed("id_token", 1.into())),
        ("null", Reply::json(200, &Value::Null)),
        ("a list", Reply::json(200, &json!([good.clone()]))),
        ("an empty object", Reply::json(200, &json!({}))),
        ("an error with status 200", Reply::json(200, &json!({ "error": "invalid_grant" }))),
        ("nothing", Reply::new(200, json, "")),
        ("half", Reply::new(200, json, &text[..text.len() / 2])),
        ("two objects", Reply::new(200, json, format!("{text}{text}"))),
        ("a member twice", Reply::new(200, json, text.replacen('{', r#"{"token_type":"Bearer","#, 1))),
        ("not UTF-8", Reply::new(200, json, not_utf8)),
        ("deep nesting", Reply::new(200, json, format!(r#"{{"x":{}}}"#, "[".repeat(50_000)))),
        ("more than 64 KiB", changed("x", "x".repeat(64 * 1024).into())),
        ("megabytes", Reply::new(200, json, vec![b' '; 8 << 20])),
        ("tokens beside an error", changed("error", "invalid_grant".into())),
        ("tokens as text", Reply::new(200, "text/plain", text.clone())),
        ("tokens as a form", Reply::new(200, "application/x-www-form-urlencoded", text.clone())),
        ("a page", Reply::new(200, "text/html", "<!doctype html><h1>Maintenance</h1>")),
        ("a form", Reply::new(200, "application/x-www-form-urlencoded", "access_token=a&token_type=Bearer")),
        ("201", Reply::json(201, &good)),
        ("204", Reply::new(204, json, "")),
        ("a redirect", Reply { status: 302, ..redirect.clone() }),
        ("a redirect that keeps the form", redirect),
        ("404", Reply::json(404, &good)),
        ("429", Reply::json(429, &json!({ "error": "TooManyRequestsException" }))),
        ("500", Reply::json(500, &json!({ "error": "server_error" }))),
        ("502 with a page", Reply::new(502, "text/html", "<h1>Bad gateway</h1>")),
        ("503", Reply::new(503, "text/plain", "")),
        ("400 with a page", Reply::new(400, "text/html", "<h1>Bad request</h1>")),
        ("400 with nothing", Reply::new(400, json, "")),
        ("400 with an error of another type", Reply::json(400, &json!({ "error": 400 }))),
        ("403 of a firewall", Reply::new(403, "text/html", "<h1>Forbidden</h1>")),
    ];
    for (index, (what, reply)) in rows.into_iter().enumerate() {
        let attempt = rig.begin().await;
        let page = rig.deliver(&attempt, reply).await;
        assert_refused(&page, 503, "pool_unavailable", what);
        assert!(attempt.agent.cookies().is_empty(), "{what}");
        assert_eq!(rig.exchanges(), index + 1, "asked once, and nobody else: {what}");
    }
}

#[rocket::async_test]
async fn the_pools_refusals_are_told_apart() {
    let rig = Rig::start().await;
    for (status, error, answer, denial) in [
        (400, "invalid_grant", 400, "code_refused"),
        (401, "invalid_grant", 400, "code_refused"),
        (400, "invalid_client", 503, "sign_in_misconfigured"),
        (401, "invalid_client", 503, "sign_in_misconfigured"),
        (403, "unauthorized_client", 503, "sign_in_misconfigured"),
        (400, "unsupported_grant_type", 503, "sign_in_misconfigured"),
        (400, "invalid_request", 503, "sign_in_misconfigured"),
        (400, "<script>\r\n", 503, "sign_in_misconfigured"),
    ] {
        let attempt = rig.begin().await;
        let body = json!({ "error": error, "error_description": "<script>canary\r\n\u{1b}[31m" });
        let page = rig.deliver(&attempt, Reply::json(status, &body)).await;
        assert_refused(&page, answer, denial, error);
        assert!(!page.body.contains("script") && attempt.agent.cookies().is_empty());
    }
}

#[rocket::async_test]
async fn what_does_not_matter_in_an_answer_does_not_stop_a_sign_in() {
    let rig = Rig::start().await;
    for (what, change) in [
        ("more members", json!({ "x": { "y": [1, 2, null] }, "scope": "openid" })),
        ("expires_in as text", json!({ "expires_in": "3600" })),
        ("expires_in below zero", json!({ "expires_in": -1 })),
        ("expires_in beyond all bounds", json!({ "expires_in": 1e300 })),
        ("expires_in null", json!({ "expires_in": null })),
        ("bearer in other letters", json!({ "token_type": "bearer" })),
        ("no refresh token", json!({ "refresh_token": null })),
    ] {
        let attempt = rig.begin().await;
        let mut tokens = rig.tokens(&attempt);
        for (name, value) in change.as_object().unwrap() {
            tokens[name] = value.clone();
        }
        let page = rig.deliver(&attempt, Reply::json(200, &tokens)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/me"), "{what}: {}", page.body);
        let has_refresh = attempt.agent.cookie("cognito_refresh_token").is_some();
        assert_eq!(has_refresh, tokens["refresh_token"].is_string(), "{what}");
        assert_eq!(attempt.agent.get(&rig.app.url("/me")).await.status, 200);
    }
    assert_eq!(rig.revoked(), [""; 0]);
}

#[rocket::async_test]
async fn a_visitor_who_goes_away_does_not_lose_the_sign_in_for_the_next_delivery() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let mut reply = Reply::json(200, &rig.tokens(&attempt));
    reply.pause = Duration::from_millis(600);
    rig.will_answer(reply);
    let callback = rig.callback(&attempt);
    let first = timeout(Duration::from_millis(200), attempt.agent.get(&callback)).await;
    assert!(first.is_err(), "gone before the answer");
    let page = attempt.agent.get(&callback).await;
    assert_eq!((page.status.as_u16(), page.header("location"), rig.exchanges()), (303, "/me", 1));
}

#[rocket::async_test]
async fn a_pool_that_does_not_answer_is_asked_once_and_not_waited_for() {
    let rig = Rig::start().await;
    let attempt = rig.begin().await;
    let mut reply = Reply::json(200, &rig.tokens(&attempt));
    reply.pause = Duration::from_secs(60);
    let page = timeout(Duration::from_secs(30), rig.deliver(&attempt, reply)).await.expect("a deadline");
    assert_refused(&page, 503, "pool_unavailable", "silence");
    assert_eq!(rig.exchanges(), 1);
}
