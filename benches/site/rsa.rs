//! RSA alone: what no check of a token can do without.

use aws_lc_rs::signature::ParsedPublicKey;

use super::key::{decoded, raw_key};
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
