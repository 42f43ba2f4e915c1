//! T1 to T6, T10 to T15: what a token's header may say, and which algorithms count.

use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{App, Attack, POOL, STRANGER};
use crate::support::forge::{Key, access_claims, base64url, with, without};
use crate::support::stub::{Answer as Served, Stub};

const RSA: [(&str, &dyn RsaEncoding); 5] = [
    ("RS384", &RSA_PKCS1_SHA384),
    ("RS512", &RSA_PKCS1_SHA512),
    ("PS256", &RSA_PSS_SHA256),
    ("PS384", &RSA_PSS_SHA384),
    ("PS512", &RSA_PSS_SHA512),
];

pub fn attacks(key: &Key) -> Vec<Attack> {
    [algorithms(key), unsigned(key), hmacs(key), other_rsa(key), members(key), kids(key)].concat()
}

fn sign(key: &Key, header: &Value) -> Attack {
    (format!("header {header:.120}"), key.sign(header, &access_claims()))
}

fn signed_part(header: &Value) -> String {
    format!("{}.{}", base64url(header.to_string()), base64url(access_claims().to_string()))
}

/// T1, with a signature that is a good one by RS256.
fn algorithms(key: &Key) -> Vec<Attack> {
    let values = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!(null),
        json!(1),
        json!(true),
        json!(["RS256"]),
        json!({ "RS256": null }),
        json!("rs256"),
        json!("RS256 "),
        json!("RS256\u{0}"),
        json!("RS2561"),
        json!("HS256"),
        json!("ES256"),
        json!("EdDSA"),
        json!("RSA"),
    ];
    let wrong = values.into_iter().map(|alg| sign(key, &with(key.header(), "alg", alg)));
    wrong.chain([sign(key, &without(key.header(), "alg"))]).collect()
}

/// T1, with no signature or any.
fn unsigned(key: &Key) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256"] {
        let signed = signed_part(&with(key.header(), "alg", alg.into()));
        attacks.push((format!("{alg:?}, empty signature"), format!("{signed}.")));
        attacks.push((format!("{alg:?}, no signature"), signed.clone()));
        attacks.push((format!("{alg:?}, any signature"), format!("{signed}.{}", base64url([7; 256]))));
    }
    attacks.push(("RS256, empty signature".into(), format!("{}.", signed_part(&key.header()))));
    attacks
}

/// T2: the public key, which everybody has, as the secret of an HMAC.
fn hmacs(key: &Key) -> Vec<Attack> {
    let jwk = key.jwk();
    let n = jwk["n"].as_str().unwrap();
    let spki = key.spki();
    // PKCS #1 is what SubjectPublicKeyInfo wraps in 24 bytes.
    let pkcs1 = &spki[24..];
    let pem = |label: &str, der: &[u8]| {
        let body = STANDARD.encode(der);
        let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
    };
    let spki_pem = pem("PUBLIC KEY", &spki);
    let secrets: [(&str, Vec<u8>); 10] = [
        ("PEM", spki_pem.clone().into()),
        ("PEM and LF", format!("{spki_pem}\n").into()),
        ("PEM of PKCS #1 and LF", format!("{}\n", pem("RSA PUBLIC KEY", pkcs1)).into()),
        ("SPKI", spki.clone()),
        ("PKCS #1", pkcs1.to_vec()),
        ("JWK", jwk.to_string().into()),
        ("n as text", n.into()),
        ("n", URL_SAFE_NO_PAD.decode(n).unwrap()),
        ("kid", key.kid.clone().into()),
        ("nothing", Vec::new()),
    ];
    let algorithms = [("HS256", HMAC_SHA256), ("HS384", HMAC_SHA384), ("HS512", HMAC_SHA512)];
    let mut attacks = Vec::new();
    for (name, secret) in &secrets {
        for (alg, algorithm) in algorithms {
            let signed = signed_part(&with(key.header(), "alg", alg.into()));
            let tag = hmac::sign(&hmac::Key::new(algorithm, secret), signed.as_bytes());
            attacks.push((format!("{alg} with {name}"), format!("{signed}.{}", base64url(tag))));
        }
    }
    attacks
}

/// T3: good signatures of the right key.
fn other_rsa(key: &Key) -> Vec<Attack> {
    let token = |(alg, encoding): (&str, &'static dyn RsaEncoding)| {
        let header = with(key.header(), "alg", alg.into()).to_string();
        (alg.to_owned(), key.sign_with(encoding, header, access_claims().to_string()))
    };
    RSA.into_iter().map(token).collect()
}

/// T10, T11, T12, T15.
fn members(key: &Key) -> Vec<Attack> {
    let members = [
        json!({ "crit": ["x"], "x": 1 }),
        json!({ "crit": [] }),
        json!({ "crit": ["exp"] }),
        json!({ "crit": "x" }),
        json!({ "crit": null }),
        json!({ "crit": ["b64"], "b64": true }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "b64": true }),
        json!({ "zip": "DEF" }),
        json!({ "zip": null }),
        json!({ "enc": "A256GCM" }),
        json!({ "epk": {} }),
        json!({ "p2c": 1_000_000_000 }),
        json!({ "cty": "JWT" }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": "dpop+jwt" }),
        json!({ "typ": "application/at+jwt" }),
        json!({ "typ": "JWE" }),
        json!({ "typ": "" }),
        json!({ "typ": " JWT" }),
        json!({ "typ": null }),
        json!({ "typ": 1 }),
        json!({ "typ": ["JWT"] }),
    ];
    let header = |more: Value| {
        let mut header = key.header();
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    members.into_iter().map(|more| sign(key, &header(more))).collect()
}

/// T6: what no key can be called.
fn kids(key: &Key) -> Vec<Attack> {
    let values = [
        json!(""),
        json!(null),
        json!(1),
        json!(true),
        json!([key.kid]),
        json!({ "kid": key.kid }),
        json!("k".repeat(129)),
        json!("k".repeat(1_000_000)),
    ];
    let wrong = values.into_iter().map(|kid| sign(key, &with(key.header(), "kid", kid)));
    wrong.chain([sign(key, &without(key.header(), "kid"))]).collect()
}

/// T6: names of no key of the pool, on tokens that its key signed.
#[rocket::async_test]
async fn a_kid_is_an_exact_name_and_nothing_else() {
    let named = |length| with(POOL.jwk(), "kid", "k".repeat(length).into());
    let jwks = json!({ "keys": [POOL.jwk(), named(128), named(129)] });
    let app = App::with_jwks(jwks, |figment| figment).await;
    let token = |length| sign(&POOL, &with(POOL.header(), "kid", "k".repeat(length).into()));
    app.accepts("128 bytes", &token(128).1).await;
    app.refuses(vec![token(129)]).await;
    let names = [
        "Pool",
        "pool ",
        " pool",
        "pool\u{0}",
        "pool\n",
        "po",
        "poolpool",
        "p\u{43e}\u{43e}l",
        "../../dev/null",
        "/dev/null",
        "' OR 1=1--",
        "*",
        "%70ool",
        "http://127.0.0.1:9/pool",
        "\u{1b}[2J\r\nforged log line",
    ];
    app.refuses(names.map(|kid| sign(&POOL, &with(POOL.header(), "kid", kid.into()))).into()).await;
}

/// T5: where to look for keys is settled by the settings alone.
#[rocket::async_test]
async fn keys_in_the_header_are_neither_used_nor_fetched() {
    let evil = Stub::start(Served::ok(json!({ "keys": [STRANGER.jwk()] }).to_string())).await;
    let members = [
        ("jwk", STRANGER.jwk()),
        ("jku", json!(evil.url("/jwks.json"))),
        ("x5u", json!(evil.url("/chain.pem"))),
        ("x5c", json!([STANDARD.encode(STRANGER.spki())])),
        ("x5t", json!(base64url([7; 20]))),
        ("x5t#S256", json!(base64url([7; 32]))),
        ("iss", json!(evil.url(""))),
    ];
    let app = App::new().await;
    for (name, value) in members {
        let stranger = |kid: &str| with(with(STRANGER.header(), name, value.clone()), "kid", kid.into());
        app.refuses(vec![sign(&STRANGER, &stranger("pool")), sign(&STRANGER, &stranger("stranger"))]).await;
        app.accepts(name, &sign(&POOL, &with(POOL.header(), name, value)).1).await;
    }
    assert_eq!(evil.requests(), 0);
}

/// T15.
#[rocket::async_test]
async fn the_type_may_be_absent_or_jwt() {
    let app = App::new().await;
    for typ in ["JWT", "jwt", "Jwt"] {
        app.accepts(typ, &sign(&POOL, &with(POOL.header(), "typ", typ.into())).1).await;
    }
}

/// T3, T4: nothing in the header or in the JWK makes another algorithm count.
#[rocket::async_test]
async fn only_rs256_signatures_count_whatever_header_and_jwk_say() {
    for jwk in [POOL.jwk(), without(POOL.jwk(), "alg")] {
        let app = App::with_jwks(json!({ "keys": [jwk] }), |figment| figment).await;
        app.accepts("RS256", &POOL.token(&access_claims())).await;
        app.refuses(other_rsa(&POOL)).await;
        let relabelled = RSA.map(|(alg, encoding)| {
            let token = POOL.sign_with(encoding, POOL.header().to_string(), access_claims().to_string());
            (format!("{alg} called RS256"), token)
        });
        app.refuses(relabelled.into()).await;
    }
}

/// T3: keys of other kinds, which the pool publishes beside its own.
#[rocket::async_test]
async fn elliptic_curve_signatures_do_not_count() {
    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let (x, y) = ec.public_key().as_ref()[1..].split_at(32);
    let ed = Ed25519KeyPair::generate().unwrap();
    let jwks = json!({ "keys": [
        POOL.jwk(),
        { "kid": "ec", "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y), "use": "sig" },
        { "kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": base64url(ed.public_key()), "use": "sig" },
    ] });
    let app = App::with_jwks(jwks, |figment| figment).await;
    app.accepts("RS256", &POOL.token(&access_claims())).await;

    let token = |kid: &str, alg: &str| {
        let signed = signed_part(&json!({ "kid": kid, "alg": alg }));
        let signature = match kid {
            "ec" => base64url(ec.sign(&SystemRandom::new(), signed.as_bytes()).unwrap()),
            _ => base64url(ed.sign(signed.as_bytes())),
        };
        (format!("{kid} as {alg}"), format!("{signed}.{signature}"))
    };
    let cases = [("ec", "ES256"), ("ec", "RS256"), ("ed", "EdDSA"), ("ed", "Ed25519"), ("ed", "RS256")];
    app.refuses(cases.map(|(kid, alg)| token(kid, alg)).into()).await;
}
