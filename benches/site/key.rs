//! The pool's key, for RSA alone.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The key that signed `token`.
pub fn raw_key(jwks: &Value, token: &str) -> ParsedPublicKey {
    let header = decoded(token.split('.').next().expect("a token"));
    let header: Value = serde_json::from_slice(&header).expect("a header in JSON");
    let mut keys = jwks["keys"].as_array().expect("a list of keys").iter();
    let key = keys.find(|key| key["kid"] == header["kid"]).expect("the key of the token");
    let number = |name: &str| decoded(key[name].as_str().expect("a number of the key"));
    let (n, e) = (number("n"), number("e"));
    PublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).expect("an RSA key")
}

pub fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
