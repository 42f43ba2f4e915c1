//! T4, T7, T8, T9, T37: which published keys may verify, and what counts as their signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{App, POOL, STRANGER};
use crate::support::forge::{access_claims, base64url, with, without};

/// An app whose pool publishes its own key and `jwk`.
async fn app_with(jwk: Value) -> App {
    App::with_jwks(json!({ "keys": [POOL.jwk(), jwk] }), |figment| figment).await
}

/// Holds that `jwk`, whose private half the forger has, verifies nothing, and that the other key does.
async fn assert_unusable(jwk: Value) {
    let app = app_with(jwk.clone()).await;
    app.accepts("the key beside it", &POOL.token(&access_claims())).await;
    let forged = STRANGER.token(&access_claims());
    app.refuses(vec![(format!("{jwk:.300}"), forged)]).await;
}

#[rocket::async_test]
async fn a_published_key_verifies() {
    let jwk = STRANGER.jwk();
    let token = STRANGER.token(&access_claims());
    for jwk in [
        jwk.clone(),
        without(jwk.clone(), "alg"),
        without(jwk.clone(), "use"),
        with(jwk.clone(), "key_ops", json!(["verify"])),
        with(jwk, "x5t", json!("unknown members are none of our business")),
    ] {
        app_with(jwk.clone()).await.accepts(&jwk.to_string(), &token).await;
    }
}

/// T8.
#[rocket::async_test]
async fn a_key_for_another_purpose_does_not_verify() {
    for (name, values) in [
        ("use", vec![json!("enc"), json!("SIG"), json!(""), json!("sig enc"), json!(1), json!(["sig"])]),
        (
            "key_ops",
            vec![json!([]), json!(["sign"]), json!(["encrypt"]), json!(["wrapKey"]), json!("verify")],
        ),
        (
            "alg",
            vec![
                json!("RS384"),
                json!("RS512"),
                json!("PS256"),
                json!("HS256"),
                json!("RSA-OAEP"),
                json!("none"),
                json!("rs256"),
                json!(""),
                json!(1),
                json!(["RS256"]),
            ],
        ),
        ("kty", vec![json!("EC"), json!("OKP"), json!("rsa"), json!(""), json!(null), json!(1)]),
        ("kid", vec![json!(""), json!(null), json!(1), json!(["stranger"])]),
    ] {
        for value in values {
            assert_unusable(with(STRANGER.jwk(), name, value)).await;
        }
    }
    for name in ["kty", "kid", "n", "e"] {
        assert_unusable(without(STRANGER.jwk(), name)).await;
    }
    for jwk in [json!({}), json!(null), json!([]), json!("stranger"), json!(1)] {
        assert_unusable(jwk).await;
    }
}

/// T9: numbers other than a canonical 2048 to 4096 bits, odd, with exponent 65537.
#[rocket::async_test]
async fn a_key_with_odd_numbers_does_not_verify() {
    let n = STRANGER.jwk()["n"].as_str().unwrap().to_owned();
    let zero_in_front = base64url([&[0], URL_SAFE_NO_PAD.decode(&n).unwrap().as_slice()].concat());
    for (name, values) in [
        ("e", vec!["AQ", "Aw", "EQ", "AAEAAQ", "AQAB=", "AQAC", "AQABAA", "AQAAAAAAAAAB", "", "+", "65537"]),
        ("n", vec![&zero_in_front, "AQAB", "", "A", "AA", "!"]),
    ] {
        for value in values {
            assert_unusable(with(STRANGER.jwk(), name, value.into())).await;
        }
    }
    for wrong in
        [format!("{n}=="), format!("{n} "), n.replace(['-', '_'], "+"), format!("{}A", &n[..n.len() - 1])]
    {
        if wrong != n {
            assert_unusable(with(STRANGER.jwk(), "n", wrong.into())).await;
        }
    }
    for value in [json!(65537), json!(null), json!(["AQAB"])] {
        assert_unusable(with(STRANGER.jwk(), "e", value)).await;
    }
}

/// T7.
#[rocket::async_test]
async fn a_kid_that_two_keys_share_is_nobodys() {
    let other = |member: &str, value: &str| with(STRANGER.jwk(), member, value.into());
    for twin in
        [STRANGER.jwk(), with(POOL.jwk(), "kid", "stranger".into()), other("use", "enc"), other("n", "AQAB")]
    {
        for keys in [[STRANGER.jwk(), twin.clone(), POOL.jwk()], [twin.clone(), STRANGER.jwk(), POOL.jwk()]] {
            let app = App::with_jwks(json!({ "keys": keys }), |figment| figment).await;
            app.accepts("the key beside them", &POOL.token(&access_claims())).await;
            let header = STRANGER.header();
            let tokens =
                [&STRANGER, &POOL].map(|key| (format!("{twin:.200}"), key.sign(&header, &access_claims())));
            app.refuses(tokens.into()).await;
        }
    }
    // A third one does not bring the name back.
    let keys = json!({ "keys": [STRANGER.jwk(), STRANGER.jwk(), STRANGER.jwk(), POOL.jwk()] });
    let app = App::with_jwks(keys, |figment| figment).await;
    app.refuses(vec![("a kid given thrice".into(), STRANGER.token(&access_claims()))]).await;
}

/// T8: whoever publishes a shared secret made a mistake, and nothing beside it is believed.
#[rocket::async_test]
async fn a_symmetric_key_makes_the_whole_set_useless() {
    for oct in [
        json!({ "kid": "oct", "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kid": "oct", "kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "use": "sig" }),
        json!({ "kty": "oct" }),
    ] {
        let app = app_with(oct.clone()).await;
        let answer = app.bearer(&POOL.token(&access_claims())).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (503, Some("keys_unavailable")),
            "{oct}"
        );
    }
}

#[derive(Deserialize)]
struct Vectors {
    keys: Vec<Value>,
    tokens: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    accepted: bool,
    token: String,
}

/// T9, T37: keys of other sizes and exponents, and signatures of other paddings, after RFC 8017 section
/// 9.2 and the groups of Wycheproof's vectors. They were made once, by plain arithmetic, since no library
/// of ours signs such things; each verifies by arithmetic alone, or nearly.
#[rocket::async_test]
async fn only_full_signatures_of_sound_keys_verify() {
    let vectors: Vectors = serde_json::from_str(include_str!("../../data/rsa_vectors.json")).unwrap();
    let app = App::with_jwks(json!({ "keys": vectors.keys }), |figment| figment).await;
    let (good, bad): (Vec<_>, Vec<_>) = vectors.tokens.into_iter().partition(|vector| vector.accepted);
    assert_eq!((good.len(), bad.len()), (2, 38));
    for vector in good {
        app.accepts(&vector.name, &vector.token).await;
    }
    app.refuses(bad.into_iter().map(|vector| (vector.name, vector.token)).collect()).await;
}

/// T37: signatures of other parts, other keys and other kinds.
#[rocket::async_test]
async fn a_signature_covers_exactly_this_header_and_these_claims() {
    let app = App::new().await;
    let mine = POOL.token(&access_claims());
    let admin = POOL.token(&with(access_claims(), "cognito:groups", json!(["admin"])));
    let typed = POOL.sign(&with(POOL.header(), "typ", "JWT".into()), &access_claims());
    let part = |token: &str, index: usize| token.split('.').nth(index).unwrap().to_owned();
    let mix = |header: &str, claims: &str, signature: &str| {
        format!("{}.{}.{}", part(header, 0), part(claims, 1), part(signature, 2))
    };
    let stranger = STRANGER.token(&access_claims());
    let attacks = [
        ("claims of another token", mix(&mine, &admin, &mine)),
        ("signature of another token", mix(&mine, &mine, &admin)),
        ("header of another token", mix(&typed, &mine, &mine)),
        ("a stranger's signature", mix(&mine, &mine, &stranger)),
        ("a stranger's token under the pool's kid", STRANGER.sign(&POOL.header(), &access_claims())),
        ("zeros", format!("{}.{}.{}", part(&mine, 0), part(&mine, 1), "A".repeat(342))),
        ("header and claims as signature", mix(&mine, &mine, "..AAAA")),
    ];
    app.refuses(attacks.map(|(name, token)| (name.to_owned(), token)).into()).await;
}
