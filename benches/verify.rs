//! What the check of a token costs, beside the RSA signature that it cannot do without: `cargo bench --bench verify`.

mod rounds;

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::futures::FutureExt;
use rocket_cognito::CognitoClient;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::Value;

use rounds::{Case, compare};

const TOKENS: usize = 256;

/// The key with which the pool signs access tokens.
fn raw_key(jwks: &Value, token: &str) -> ParsedPublicKey {
    let header: Value = serde_json::from_slice(&decoded(token.split('.').next().unwrap())).unwrap();
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let number = |name: &str| decoded(key[name].as_str().unwrap());
    let (n, e) = (number("n"), number("e"));
    PublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).unwrap()
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
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
    let client = |entries: &str| {
        CognitoClient::new([
            ("user_pool_id", pool_id.as_str()),
            ("client_id", "shop"),
            ("issuer", issuer.as_str()),
            ("jwks", inline.as_str()),
            ("token_cache_entries", entries),
        ])
        .unwrap()
    };
    let (cold, cached) = (client("0"), client("10000"));
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
        for client in [&cold, &cached] {
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
    let hasher = RandomState::new();

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
        "A token that was seen before",
        vec![
            Case::new("SipHash of its text", |number| hasher.hash_one(&tokens[number % TOKENS])),
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
