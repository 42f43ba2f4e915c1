//! What the check of a token costs, beside the RSA signature that it cannot do without: `cargo bench --bench verify`.

#[path = "site/key.rs"]
mod key;
mod rounds;

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use aws_lc_rs::digest;
use rocket::futures::FutureExt;
use rocket_cognito::client::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde::de::IgnoredAny;
use serde_json::Value;
use sha2::{Digest, Sha256};

use key::{decoded, raw_key};
use rounds::{Case, compare};

const TOKENS: usize = 256;

/// The same keys by other names.
fn renamed(jwks: &Value) -> Value {
    let mut jwks = jwks.clone();
    for key in jwks["keys"].as_array_mut().unwrap() {
        key["kid"] = format!("not-{}", key["kid"].as_str().unwrap()).into();
    }
    jwks
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (tokens, jwks, issuer, pool_id) = runtime.block_on(async {
        let config = LocalPoolConfig::default().port(0).client(LocalClient::new("shop"));
        let pool = LocalPool::start(config).await.unwrap();
        let tokens: Vec<String> =
            (0..TOKENS).map(|_| pool.sign_in("alice", "shop").unwrap().access_token).collect();
        let (issuer, pool_id) = (pool.issuer(), pool.user_pool_id().to_owned());
        let client = CognitoClient::new([
            ("user_pool_id", pool_id.as_str()),
            ("client_id", "shop"),
            ("issuer", issuer.as_str()),
        ]);
        let jwks = client.unwrap().jwks().await.unwrap();
        pool.stop().await;
        (tokens, jwks, issuer, pool_id)
    });
    let inline = jwks.to_string();
    let client = |client_id: &str, jwks: &str, entries: &str| {
        CognitoClient::new([
            ("user_pool_id", pool_id.as_str()),
            ("client_id", client_id),
            ("issuer", issuer.as_str()),
            ("jwks", jwks),
            ("token_cache_entries", entries),
        ])
        .unwrap()
    };
    let (cold, cached) = (client("shop", &inline, "0"), client("shop", &inline, "10000"));
    // The same claims are refused when they have been read, and the same key is not found.
    let (of_another_app, without_the_key) =
        (client("desk", &inline, "0"), client("shop", &renamed(&jwks).to_string(), "0"));
    let now = SystemTime::now();
    let verify = |client: &CognitoClient, token: &str| {
        // Nothing in it has to wait, once the keys are there.
        client
            .verify_access_token(token, now)
            .now_or_never()
            .expect("the keys are there")
            .expect("a good token")
    };
    runtime.block_on(async {
        for client in [&cold, &cached, &of_another_app, &without_the_key] {
            client.jwks().await.unwrap();
        }
    });
    let key = raw_key(&jwks, &tokens[0]);
    let parts: Vec<(&str, Vec<u8>)> = tokens
        .iter()
        .map(|token| token.rsplit_once('.').unwrap())
        .map(|(signed, signature)| (signed, decoded(signature)))
        .collect();
    // The signature of another token.
    let junk: Vec<String> = (0..TOKENS)
        .map(|number| {
            format!("{}.{}", parts[number].0, tokens[(number + 1) % TOKENS].rsplit_once('.').unwrap().1)
        })
        .collect();
    let payloads: Vec<&str> = tokens.iter().map(|token| token.split('.').nth(1).unwrap()).collect();
    let copies = tokens.clone();
    let (foldhash, siphash) = (foldhash::quality::RandomState::default(), RandomState::new());

    let _entered = runtime.enter();
    println!("{} tokens of {} bytes", tokens.len(), tokens[0].len());
    compare(
        "A token that was not seen before",
        vec![
            Case::new("RSA alone, with a parsed key", |number| {
                let (signed, signature) = &parts[number % TOKENS];
                key.verify_sig(signed.as_bytes(), signature).unwrap();
            }),
            Case::new("verify_access_token, without a cache", |number| {
                verify(&cold, &tokens[number % TOKENS])
            }),
            Case::new("the same with a wrong signature", |number| {
                let token = &junk[number % TOKENS];
                client_refuses(&cold, token, now)
            }),
            Case::new("the same without a signature's form", |number| {
                client_refuses(&cold, parts[number % TOKENS].0, now)
            }),
        ],
    );
    compare(
        "A token that is refused before its signature is looked at",
        vec![
            Case::new("base64 and JSON of its payload, skipped", |number| {
                serde_json::from_slice::<IgnoredAny>(&decoded(payloads[number % TOKENS])).unwrap()
            }),
            Case::new("the same, into a Value", |number| {
                serde_json::from_slice::<Value>(&decoded(payloads[number % TOKENS])).unwrap()
            }),
            Case::new("verify_access_token, of another app client", |number| {
                client_refuses(&of_another_app, &tokens[number % TOKENS], now)
            }),
            Case::new("verify_access_token, of an unknown key", |number| {
                client_refuses(&without_the_key, &tokens[number % TOKENS], now)
            }),
        ],
    );
    compare(
        "A token that was seen before",
        vec![
            Case::new("foldhash of its text, and one comparison", |number| {
                let (token, copy) = (&tokens[number % TOKENS], &copies[number % TOKENS]);
                (foldhash.hash_one(token), token == copy)
            }),
            Case::new("SipHash of its text", |number| siphash.hash_one(&tokens[number % TOKENS])),
            Case::new("SHA-256 of its text, aws-lc-rs", |number| {
                digest::digest(&digest::SHA256, tokens[number % TOKENS].as_bytes())
            }),
            Case::new("SHA-256 of its text, sha2", |number| Sha256::digest(&tokens[number % TOKENS])),
            Case::new("verify_access_token, from the cache", |number| {
                verify(&cached, &tokens[number % TOKENS])
            }),
            Case::new("the same, one token again and again", |_| verify(&cached, &tokens[0])),
        ],
    );
}

fn client_refuses(client: &CognitoClient, token: &str, now: SystemTime) {
    let refused = client.verify_access_token(token, now).now_or_never().expect("the keys are there");
    assert!(refused.is_err());
}
