//! Keys, tokens that they sign, and a file that vouches for keys.

use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::clock;

pub const CLIENT_ID: &str = "forgedclient";
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123";

/// A key pair with its `kid`.
pub struct Key {
    kid: &'static str,
    pair: RsaKeyPair,
}

impl Key {
    pub fn new(kid: &'static str) -> Self {
        Key { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    fn jwk(&self) -> Value {
        let n = URL_SAFE_NO_PAD.encode(self.pair.public_key().modulus().big_endian_without_leading_zero());
        json!({ "kid": self.kid, "alg": "RS256", "kty": "RSA", "e": "AQAB", "n": n, "use": "sig" })
    }

    /// A token of this key with these claims.
    pub fn token(&self, claims: &Value) -> String {
        let header = json!({ "kid": self.kid, "alg": "RS256" });
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Claims of an access token that is good for an hour, and like no others.
pub fn claims() -> Value {
    let now = clock::now();
    json!({
        "sub": "11111111-2222-4333-8444-555555555555", "iss": ISSUER, "client_id": CLIENT_ID,
        "token_use": "access", "jti": rand::random::<u64>(), "scope": "openid email", "auth_time": now, "iat": now,
        "exp": now.plus(3600), "username": "dora",
    })
}

/// `claims` with one member set.
pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

/// A JWKS file that is deleted with this value.
pub struct JwksFile(PathBuf);

impl JwksFile {
    pub fn new(keys: &[&Key]) -> Self {
        let name = format!("rocket_cognito-{}-{}.json", std::process::id(), rand::random::<u64>());
        let file = JwksFile(std::env::temp_dir().join(name));
        file.publish(keys);
        file
    }

    pub fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        std::fs::write(&self.0, json!({ "keys": keys }).to_string()).unwrap();
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for JwksFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
