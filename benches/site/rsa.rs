//! RSA alone: what no check of a token can do without.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::preparation::Preparation;
use super::process::own_cpu;

const CALLS: usize = 2_000;

/// Verifies signatures with a parsed key, and notes what that costs.
pub struct Rsa {
    key: ParsedPublicKey,
    /// What was signed, and the signature.
    signed: Vec<(String, Vec<u8>)>,
    /// CPU of each round, in µs for a signature.
    pub rounds: Vec<f64>,
}

impl Rsa {
    pub fn new(site: &Preparation) -> Self {
        let jwks = site.settings["cognito"]["jwks"].as_str().expect("keys in the settings");
        let jwks = serde_json::from_str(jwks).expect("keys in JSON");
        let parts = |token: &str| {
            let (signed, signature) = token.rsplit_once('.').expect("a token");
            (signed.to_owned(), decoded(signature))
        };
        let signed: Vec<_> = site.tokens().map(parts).collect();
        Rsa { key: raw_key(&jwks, &signed[0].0), signed, rounds: Vec::new() }
    }

    pub fn round(&mut self) {
        let before = own_cpu();
        for (signed, signature) in self.signed.iter().cycle().take(CALLS) {
            self.key.verify_sig(signed.as_bytes(), signature).expect("a good signature");
        }
        self.rounds.push((own_cpu() - before) as f64 / 1e3 / CALLS as f64);
    }
}

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
