//! A key that signs tokens, for pools that are not Cognito's own.

#[cfg(feature = "local-pool")]
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
#[cfg(feature = "local-pool")]
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
#[cfg(feature = "local-pool")]
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
#[cfg(feature = "local-pool")]
use zeroize::Zeroizing;

#[cfg(feature = "local-pool")]
use crate::crypto::{SecretText, serialize_exposed};

/// A key could not be generated or used.
#[derive(Debug)]
pub(crate) struct KeyFailure;

/// A private key with its public JWK.
pub(crate) struct SigningKey {
    pair: KeyPair,
    kid: String,
    jwk: Value,
}

/// A private key in a file.
#[cfg(feature = "local-pool")]
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedKey {
    kid: String,
    #[serde(serialize_with = "serialize_exposed")]
    pkcs8: SecretText,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, KeyFailure> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyFailure)?;
        Self::of(pair, STANDARD.encode(rand::random::<[u8; 32]>()))
    }

    /// The key as [`restored`](Self::restored) reads it.
    #[cfg(feature = "local-pool")]
    pub(crate) fn saved(&self) -> Result<SavedKey, KeyFailure> {
        let der: Pkcs8V1Der<'static> = self.pair.as_der().map_err(|_| KeyFailure)?;
        Ok(SavedKey { kid: self.kid.clone(), pkcs8: STANDARD.encode(der.as_ref()).into() })
    }

    #[cfg(feature = "local-pool")]
    pub(crate) fn restored(saved: SavedKey) -> Result<Self, KeyFailure> {
        let der = Zeroizing::new(STANDARD.decode(saved.pkcs8.expose()).map_err(|_| KeyFailure)?);
        Self::of(KeyPair::from_pkcs8(&der).map_err(|_| KeyFailure)?, saved.kid)
    }

    fn of(pair: KeyPair, kid: String) -> Result<Self, KeyFailure> {
        // The named provider, because jsonwebtoken's default panics when a user's tree has two.
        let components = DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key;
        let (modulus, exponent) = components(pair.public_key().as_ref()).map_err(|_| KeyFailure)?;
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
