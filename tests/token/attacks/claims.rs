//! T21, T26 to T30, T32, T36: what the claims must say.

use figment::Figment;
use serde_json::{Value, json};

use super::{App, Attack, POOL, STRANGER, claim_values, times};
use crate::support::forge::{CLIENT_ID, ISSUER, Key, POOL_ID, access_claims, id_claims, now, with, without};

const UPDATED_ISSUER: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123";
const OTHER_ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Replica1";

/// Of access tokens, where access tokens are asked for.
pub fn attacks(key: &Key) -> Vec<Attack> {
    [times::attacks(key), issuers(key), clients(key), uses(key), people(key)].concat()
}

pub fn missing(key: &Key, claims: &Value, names: &[&str]) -> Vec<Attack> {
    let attack = |name: &&str| (format!("no {name}"), key.token(&without(claims.clone(), name)));
    names.iter().map(attack).collect()
}

/// T26, T27.
fn issuers(key: &Key) -> Vec<Attack> {
    let claims = access_claims();
    let values = [
        json!(null),
        json!(""),
        json!(1),
        json!([ISSUER]),
        json!({ "iss": ISSUER }),
        json!(format!("{ISSUER}/")),
        json!(format!("{ISSUER} ")),
        json!(format!(" {ISSUER}")),
        json!(format!("{ISSUER}\u{0}")),
        json!(format!("{ISSUER}4")),
        json!(format!("{ISSUER}#")),
        json!(format!("{ISSUER}/.well-known/jwks.json")),
        json!(&ISSUER[..ISSUER.len() - 1]),
        json!(ISSUER.to_uppercase()),
        json!(ISSUER.replace("F", "f")),
        json!(ISSUER.replace("https:", "http:")),
        json!(ISSUER.replace("https://", "")),
        json!(ISSUER.replace("https://", "https://evil@")),
        json!(ISSUER.replace("amazonaws.com", "amazonaws.com:443")),
        json!(ISSUER.replace("amazonaws.com", "amazonaws.com.evil.example")),
        json!(ISSUER.replace("eu-west-1.", "eu-west-2.")),
        json!(ISSUER.replace("Forged123", "Forged124")),
        json!("https://cognito-idp.eu-west-1.amazonaws.com"),
        json!(format!("https://evil.example/{POOL_ID}")),
        json!(POOL_ID),
        json!(OTHER_ISSUER),
    ];
    [missing(key, &claims, &["iss"]), claim_values(key, &claims, "iss", values)].concat()
}

/// Values of `client_id` or `aud` that are not our client.
fn not_our_client() -> [Value; 16] {
    [
        json!(null),
        json!(""),
        json!(1),
        json!(true),
        json!([]),
        json!({}),
        json!({ "client_id": CLIENT_ID }),
        json!("otherclient"),
        json!("FORGEDCLIENT"),
        json!("forgedclient "),
        json!("forgedclien"),
        json!("forgedclient,otherclient"),
        json!("forgedclient otherclient"),
        json!(["otherclient"]),
        json!([CLIENT_ID, "otherclient"]),
        json!([[CLIENT_ID]]),
    ]
}

/// T29.
fn clients(key: &Key) -> Vec<Attack> {
    let claims = access_claims();
    let only_aud = with(without(claims.clone(), "client_id"), "aud", CLIENT_ID.into());
    let mut attacks = missing(key, &claims, &["client_id"]);
    attacks.extend(claim_values(key, &claims, "client_id", not_our_client()));
    attacks.extend(claim_values(key, &claims, "client_id", [json!([CLIENT_ID])]));
    attacks.extend(claim_values(key, &claims, "aud", not_our_client()));
    attacks.push(("aud instead of client_id".into(), key.token(&only_aud)));
    attacks
}

/// T28.
fn audiences(key: &Key) -> Vec<Attack> {
    let claims = id_claims();
    let only_client_id = with(without(claims.clone(), "aud"), "client_id", CLIENT_ID.into());
    let mut attacks = missing(key, &claims, &["aud"]);
    attacks.extend(claim_values(key, &claims, "aud", not_our_client()));
    attacks.push(("client_id instead of aud".into(), key.token(&only_client_id)));
    attacks
}

/// T30.
fn uses(key: &Key) -> Vec<Attack> {
    let claims = access_claims();
    let values = [
        json!(null),
        json!(""),
        json!(1),
        json!("refresh"),
        json!("Access"),
        json!("ACCESS"),
        json!("access "),
        json!("id"),
        json!(["access"]),
        json!({ "access": null }),
    ];
    let id_token = ("an ID token".into(), key.token(&id_claims()));
    let relabelled = with(id_claims(), "token_use", "access".into());
    let mut attacks = missing(key, &claims, &["token_use"]);
    attacks.extend(claim_values(key, &claims, "token_use", values));
    attacks.extend([id_token, ("an ID token that says access".into(), key.token(&relabelled))]);
    attacks
}

/// T21, T32: texts that name nobody.
fn people(key: &Key) -> Vec<Attack> {
    let claims = access_claims();
    let sub = [
        json!(null),
        json!(""),
        json!(1),
        json!(["s"]),
        json!({}),
        json!("s".repeat(256)),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!("a\u{7f}"),
        json!("a\u{85}b"),
    ];
    let username = [
        json!(""),
        json!(1),
        json!(["dora"]),
        json!("u".repeat(513)),
        json!("do\u{0}ra"),
        json!("dora\r\nadmin"),
        json!("\u{1b}[2J"),
    ];
    let mut attacks = missing(key, &claims, &["sub"]);
    attacks.extend(claim_values(key, &claims, "sub", sub));
    attacks.extend(claim_values(key, &claims, "username", username));
    attacks
}

pub async fn app_for(token_use: &str) -> App {
    App::with(|figment| figment.merge(("cognito.bearer_token_use", token_use))).await
}

/// T28, T30.
#[rocket::async_test]
async fn bearer_token_use_decides_between_access_and_id_tokens() {
    let access = ("an access token".to_owned(), POOL.token(&access_claims()));
    let id = ("an ID token".to_owned(), POOL.token(&id_claims()));
    for (token_use, accepted, refused) in [
        ("access", vec![&access], vec![&id]),
        ("id", vec![&id], vec![&access]),
        ("any", vec![&access, &id], vec![]),
    ] {
        let app = app_for(token_use).await;
        for (name, token) in accepted {
            app.accepts(&format!("{name} for {token_use}"), token).await;
        }
        app.refuses(refused.into_iter().cloned().collect()).await;
        if token_use != "access" {
            app.refuses(audiences(&POOL)).await;
        }
        if token_use != "id" {
            app.accepts("aud beside client_id", &POOL.token(&with(access_claims(), "aud", CLIENT_ID.into())))
                .await;
        }
    }
    let app = app_for("id").await;
    app.accepts("one audience in a list", &POOL.token(&with(id_claims(), "aud", json!([CLIENT_ID])))).await;
}

/// T26: the two forms of the pool's own issuer, and those that the settings add.
#[rocket::async_test]
async fn issuers_of_the_pool_and_of_the_settings_are_accepted() {
    let from = |issuer: &str| POOL.token(&with(access_claims(), "iss", issuer.into()));
    let plain = App::new().await;
    for issuer in [ISSUER, UPDATED_ISSUER] {
        plain.accepts(issuer, &from(issuer)).await;
    }
    plain.refuses(vec![("not configured".into(), from(OTHER_ISSUER))]).await;

    let wider = App::with(|figment| figment.merge(("cognito.accepted_issuers", [OTHER_ISSUER]))).await;
    for issuer in [ISSUER, UPDATED_ISSUER, OTHER_ISSUER] {
        wider.accepts(issuer, &from(issuer)).await;
    }
    wider.refuses(vec![("similar".into(), from(&format!("{OTHER_ISSUER}/")))]).await;

    let set = App::with(|figment| figment.merge(("cognito.issuer", OTHER_ISSUER))).await;
    set.accepts(OTHER_ISSUER, &from(OTHER_ISSUER)).await;
    set.refuses(vec![("not in force".into(), from(ISSUER))]).await;
}

/// T27: another pool of the same region, with a client of the same name.
#[rocket::async_test]
async fn another_pools_tokens_are_refused_under_any_kid() {
    let app = App::new().await;
    let theirs = with(access_claims(), "iss", ISSUER.replace("Forged123", "Other1").into());
    for claims in [theirs, access_claims()] {
        for kid in ["stranger", "pool"] {
            let token = STRANGER.sign(&with(STRANGER.header(), "kid", kid.into()), &claims);
            app.refuses(vec![(format!("{kid} for {}", claims["iss"]), token)]).await;
        }
    }
}

/// T29.
#[rocket::async_test]
async fn further_clients_count_for_bearer_tokens_but_never_for_sessions() {
    let further = |figment: Figment| figment.merge(("cognito.accepted_client_ids", ["shop", "mobile"]));
    let app = App::with(further).await;
    for client in [CLIENT_ID, "shop", "mobile"] {
        let token = POOL.token(&with(access_claims(), "client_id", client.into()));
        app.accepts(client, &token).await;
        let in_session = if client == CLIENT_ID { 200 } else { 401 };
        assert_eq!(app.cookie(&token).await.status, in_session, "{client}");
    }
    app.refuses(claim_values(&POOL, &access_claims(), "client_id", not_our_client())).await;
    let two = with(with(access_claims(), "client_id", "shop".into()), "aud", "mobile".into());
    app.refuses(vec![("one client's token for another".into(), POOL.token(&two))]).await;
}

/// T29: what an access token may be bound to, letter for letter, and an ID token never.
#[rocket::async_test]
async fn resources_of_the_settings_count_beside_the_client_and_for_access_tokens_alone() {
    const API: &str = "https://api.example.com/v1";
    let with_audiences = |figment: Figment| {
        figment.merge(("cognito.accepted_audiences", [API])).merge(("cognito.bearer_token_use", "any"))
    };
    let app = App::with(with_audiences).await;
    let bound = |aud: Value| with(access_claims(), "aud", aud);
    for (aud, resource) in [
        (json!(API), json!(API)),
        (json!([API]), json!(API)),
        (json!(CLIENT_ID), json!(null)),
        (json!([CLIENT_ID]), json!(null)),
    ] {
        let answer = app.authorization("/audience", &format!("Bearer {}", POOL.token(&bound(aud)))).await;
        assert_eq!((answer.status, answer.json()), (200, resource));
    }
    app.accepts("not bound", &POOL.token(&access_claims())).await;
    let others = [
        json!(null),
        json!(""),
        json!("https://api.example.com/v1/"),
        json!("https://api.example.com/v"),
        json!("https://api.example.com"),
        json!("HTTPS://api.example.com/v1"),
        json!("https://api.example.com:443/v1"),
        json!(format!("{API} {API}")),
        json!([API, API]),
        json!([API, CLIENT_ID]),
        json!([]),
        json!("otherclient"),
    ];
    app.refuses(claim_values(&POOL, &access_claims(), "aud", others.clone())).await;
    app.refuses(claim_values(&POOL, &id_claims(), "aud", others)).await;
    app.refuses(vec![
        ("an ID token for a resource".into(), POOL.token(&with(id_claims(), "aud", API.into()))),
        (
            "a resource and another client".into(),
            POOL.token(&with(bound(API.into()), "client_id", "x".into())),
        ),
        ("a resource in place of a client".into(), POOL.token(&without(bound(API.into()), "client_id"))),
    ])
    .await;
    App::new().await.refuses(vec![("a resource not listed".into(), POOL.token(&bound(API.into())))]).await;
}

#[rocket::async_test]
async fn unusual_but_right_claims_are_accepted() {
    let app = App::new().await;
    let access = access_claims;
    for (name, claims) in [
        ("exp with a fraction", with(access(), "exp", json!(now() as f64 + 100.5))),
        ("exp in the year 9999", with(access(), "exp", json!(253_402_300_799_u64))),
        ("exp with an exponent", with(access(), "exp", json!(4e9))),
        ("exp beyond 2038", with(access(), "exp", json!(1_u64 << 32))),
        ("nbf now", with(access(), "nbf", now().into())),
        ("a long sub", with(access(), "sub", "s".repeat(255).into())),
        ("a sub in any script", with(access(), "sub", "дора".into())),
        ("a long username", with(access(), "username", "u".repeat(512).into())),
        ("no groups", without(access(), "cognito:groups")),
        ("unknown claims", with(access(), "x", json!([{ "y": null }, "\u{0}"]))),
        ("no scope", without(access(), "scope")),
        ("no auth_time", without(access(), "auth_time")),
    ] {
        app.accepts(name, &POOL.token(&claims)).await;
    }
}
