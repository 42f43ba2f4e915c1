//! T33, T34: tokens that do not belong to the sign-in, or to each other, make no session.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use rocket::http::Header;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{App, POOL, STRANGER};
use crate::support::forge::{ISSUER, access_claims, id_claims, now, with, without};
use crate::support::stub::{Answer as Served, Stub};

type Change = fn(&str) -> Value;

/// How a sign-in ended.
#[derive(Debug, PartialEq, Eq)]
struct End {
    status: u16,
    error: Option<String>,
    session_cookies: usize,
}

/// Begins a sign-in, lets the pool give the tokens that `tokens` makes for its nonce, and completes it.
async fn sign_in(pool: &Stub, app: &App, tokens: impl FnOnce(&str) -> (String, String)) -> End {
    let login = app.client.get("/auth/login").dispatch().await;
    let authorize = Url::parse(login.headers().get_one("Location").expect("a redirect to the pool")).unwrap();
    let parameter = |name: &str| authorize.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let attempt = login.headers().get_one("Set-Cookie").unwrap();
    let attempt = Header::new("Cookie", attempt.split(';').next().unwrap().to_owned());

    let (access, id) = tokens(&parameter("nonce"));
    let answer =
        json!({ "access_token": access, "id_token": id, "token_type": "Bearer", "expires_in": 3600 });
    pool.set(Served::ok(answer.to_string()));
    let uri = format!("/auth/callback?code=c&state={}", parameter("state"));
    let callback = app.client.get(uri).header(attempt).dispatch().await;
    let cookies = callback.headers().get("Set-Cookie");
    let session_cookies = cookies.filter(|cookie| cookie.contains("_token=")).count();
    let status = callback.status().code;
    let body: Option<Value> = serde_json::from_str(&callback.into_string().await.unwrap_or_default()).ok();
    let error = body.and_then(|body| body["error"].as_str().map(str::to_owned));
    End { status, error, session_cookies }
}

fn hash(access: &str) -> Vec<u8> {
    Sha256::digest(access).to_vec()
}

#[rocket::async_test]
async fn only_the_tokens_of_this_sign_in_make_a_session() {
    let pool = Stub::start(Served::Hang).await;
    let app = App::with(|figment| figment.merge(("cognito.domain", pool.url("")))).await;
    let access = POOL.token(&access_claims());
    let half = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(&bytes[..16]);
    let at_hash = half(&hash(&access));

    for claims in [
        id_claims(),
        with(id_claims(), "at_hash", at_hash.clone().into()),
        without(id_claims(), "origin_jti"),
    ] {
        let tokens = |nonce: &str| (access.clone(), POOL.token(&with(claims, "nonce", nonce.into())));
        let signed_in = End { status: 303, error: None, session_cookies: 2 };
        assert_eq!(sign_in(&pool, &app, tokens).await, signed_in);
    }

    let refused = End { status: 400, error: Some("tokens_refused".into()), session_cookies: 0 };
    let hashes = [
        half(&hash("another token")),
        URL_SAFE_NO_PAD.encode(hash(&access)),
        URL_SAFE_NO_PAD.encode(&hash(&access)[16..]),
        at_hash[..10].to_owned(),
        at_hash.to_lowercase(),
        String::new(),
    ];
    let mut cases: Vec<(&str, Value)> =
        hashes.map(|hash| ("at_hash of something else", with(id_claims(), "at_hash", hash.into()))).into();
    cases.extend([
        ("at_hash is no text", with(id_claims(), "at_hash", 1.into())),
        ("another person", with(id_claims(), "sub", "other".into())),
        ("another sign-in", with(id_claims(), "origin_jti", "other".into())),
        (
            "another form of the issuer",
            with(id_claims(), "iss", ISSUER.replace("cognito-idp", "issuer-cognito-idp").into()),
        ),
        ("an access token", access_claims()),
    ]);
    for (name, claims) in cases {
        let tokens = |nonce: &str| (access.clone(), POOL.token(&with(claims, "nonce", nonce.into())));
        assert_eq!(sign_in(&pool, &app, tokens).await, refused, "{name}");
    }

    let nonces: [(&str, Change); 6] = [
        ("another nonce", |_| "other".into()),
        ("an empty nonce", |_| "".into()),
        ("a cut nonce", |nonce| nonce[..10].into()),
        ("a longer nonce", |nonce| format!("{nonce}x").into()),
        ("a list", |nonce| json!([nonce])),
        ("null", |_| json!(null)),
    ];
    for (name, change) in nonces {
        let tokens = |nonce: &str| (access.clone(), POOL.token(&with(id_claims(), "nonce", change(nonce))));
        assert_eq!(sign_in(&pool, &app, tokens).await, refused, "{name}");
    }
    let without_nonce = |_: &str| (access.clone(), POOL.token(&id_claims()));
    assert_eq!(sign_in(&pool, &app, without_nonce).await, refused, "no nonce");

    let id = |nonce: &str| with(id_claims(), "nonce", nonce.into());
    let stranger = |nonce: &str| (access.clone(), STRANGER.sign(&POOL.header(), &id(nonce)));
    assert_eq!(sign_in(&pool, &app, stranger).await, refused, "an ID token of a stranger");
    let swapped = |nonce: &str| (POOL.token(&id(nonce)), access.clone());
    assert_eq!(sign_in(&pool, &app, swapped).await, refused, "tokens in each other's place");
    for (name, claims) in
        [("another person", with(access_claims(), "sub", "other".into())), ("an ID token", id_claims())]
    {
        let tokens = |nonce: &str| (POOL.token(&claims), POOL.token(&id(nonce)));
        assert_eq!(sign_in(&pool, &app, tokens).await, refused, "access token: {name}");
    }

    // As if settings or clock were wrong.
    let own = access;
    let refused = End { status: 503, error: Some("sign_in_misconfigured".into()), session_cookies: 0 };
    let other_issuer = format!("{ISSUER}x");
    let access_claims = access_claims();
    for (name, access, id) in [
        ("another issuer", None, with(id_claims(), "iss", other_issuer.clone().into())),
        ("another client", None, with(id_claims(), "aud", "other".into())),
        ("expired", None, with(with(id_claims(), "iat", 1.into()), "exp", (now() - 100).into())),
        ("another issuer", Some(with(access_claims.clone(), "iss", other_issuer.into())), id_claims()),
        ("another client", Some(with(access_claims, "client_id", "other".into())), id_claims()),
    ] {
        let access = access.map_or(own.clone(), |claims| POOL.token(&claims));
        let tokens = |nonce: &str| (access, POOL.token(&with(id, "nonce", nonce.into())));
        assert_eq!(sign_in(&pool, &app, tokens).await, refused, "{name}");
    }
}
