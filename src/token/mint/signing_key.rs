//! A key that signs tokens, for pools that are not Cognito's own.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
#[cfg(feature = "local-pool")]
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use serde_json::{Value, json};

/// A key could not be generated or used.
#[derive(Debug)]
pub(crate) struct KeyFailure;

/// A private key with its public JWK.
pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
    jwk: Value,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFailure)?;
        // The named provider, because jsonwebtoken's default panics when a user's tree has two.
        let components = DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key;
        let (modulus, exponent) = components(pair.public_key().as_ref()).map_err(|_| KeyFailure)?;
        let kid = STANDARD.encode(rand::random::<[u8; 32]>());
        let jwk = json!({
            "alg": "RS256",
            "e": URL_SAFE_NO_PAD.encode(exponent),
            "kid": kid,
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "use": "sig",
        });
        Ok(SigningKey { pair, kid, jwk })
    }

    /// The public key, as a JWKS lists it.
    pub(crate) fn jwk(&self) -> &Value {
        &self.jwk
    }

    #[cfg(feature = "local-pool")]
    pub(crate) fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key());
        key.verify(message.as_bytes(), signature).is_ok()
    }

    /// The claims as a JWT whose header has `kid` and `alg` only, as Cognito's have.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, KeyFailure> {
        let header = json!({ "kid": self.kid, "alg": "RS256" });
        let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| KeyFailure)?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
