//! Tokens of every make, signed with keys of our own, and the JWKS that vouches for them.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub const POOL_ID: &str = "eu-west-1_Forged123";
pub const CLIENT_ID: &str = "forgedclient";
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Forged123";

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key pair with its `kid`.
pub struct Key {
    pub kid: String,
    pair: RsaKeyPair,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        Key { kid: kid.to_owned(), pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    pub fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        let n = base64url(public.modulus().big_endian_without_leading_zero());
        json!({ "kid": self.kid, "alg": "RS256", "kty": "RSA", "e": "AQAB", "n": n, "use": "sig" })
    }

    /// The public key as SubjectPublicKeyInfo, for confusion attacks.
    pub fn spki(&self) -> Vec<u8> {
        let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = self.pair.public_key().as_der().unwrap();
        der.as_ref().to_vec()
    }

    pub fn header(&self) -> Value {
        json!({ "kid": self.kid, "alg": "RS256" })
    }

    /// Signs text parts as they are.
    pub fn sign_raw(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.sign_with(&RSA_PKCS1_SHA256, header, payload)
    }

    pub fn sign_with(
        &self,
        algorithm: &'static dyn RsaEncoding,
        header: impl AsRef<[u8]>,
        payload: impl AsRef<[u8]>,
    ) -> String {
        let signed = format!("{}.{}", base64url(header), base64url(payload));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(algorithm, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", base64url(signature))
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_raw(header.to_string(), claims.to_string())
    }

    /// A token of this key with these claims.
    pub fn token(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }
}

/// Claims of an access token that is good for an hour.
pub fn access_claims() -> Value {
    let now = now();
    json!({
        "sub": "11111111-2222-4333-8444-555555555555", "iss": ISSUER, "client_id": CLIENT_ID, "token_use": "access",
        "origin_jti": "o", "jti": "j", "event_id": "e", "scope": "openid email", "version": 2,
        "auth_time": now, "iat": now, "exp": now + 3600, "username": "dora", "cognito:groups": ["editor"],
    })
}

/// Claims of the ID token beside [`access_claims`].
pub fn id_claims() -> Value {
    let now = now();
    json!({
        "sub": "11111111-2222-4333-8444-555555555555", "iss": ISSUER, "aud": CLIENT_ID, "token_use": "id",
        "origin_jti": "o", "auth_time": now, "iat": now, "exp": now + 3600, "cognito:username": "dora",
        "cognito:groups": ["editor"], "email": "dora@example.com", "email_verified": true, "custom:tenant": "acme",
    })
}

/// `claims` with one member set.
pub fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

/// `claims` without one member.
pub fn without(mut claims: Value, name: &str) -> Value {
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// A JWKS file that is deleted with this value.
pub struct JwksFile {
    path: PathBuf,
}

impl JwksFile {
    pub fn new(keys: &[&Key]) -> Self {
        let name = format!("rocket_cognito-{}-{}.json", std::process::id(), rand::random::<u64>());
        let file = JwksFile { path: std::env::temp_dir().join(name) };
        file.write(&json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string());
        file
    }

    pub fn write(&self, text: &str) {
        std::fs::write(&self.path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For `jwks_uri`.
    pub fn uri(&self) -> String {
        self.path.display().to_string()
    }
}

impl Drop for JwksFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
