//! The pool's signing keys and their JWKS.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A key could not be generated or used.
#[derive(Debug)]
pub(super) struct KeyFailure;

/// One key signs access tokens and the other ID tokens, as in every Cognito pool.
pub(super) struct Keys {
    pub(super) access: SigningKey,
    pub(super) id: SigningKey,
}

/// A private key with its public JWK.
pub(super) struct SigningKey {
    pair: KeyPair,
    kid: String,
    jwk: Value,
}

/// The keys in force, and the public keys of the generation before.
pub(super) struct KeyRing {
    generations: RwLock<(Arc<Keys>, Option<Arc<Keys>>)>,
}

impl KeyRing {
    pub(super) fn generate() -> Result<Self, KeyFailure> {
        Ok(KeyRing { generations: RwLock::new((Arc::new(Keys::generate()?), None)) })
    }

    /// New keys sign from now on. Keys that cannot be generated leave the old ones in force.
    pub(super) fn rotate(&self) {
        if let Ok(keys) = Keys::generate() {
            let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
            let previous = std::mem::replace(&mut generations.0, Arc::new(keys));
            generations.1 = Some(previous);
        }
    }

    /// Takes the keys before the current ones out of the JWKS.
    pub(super) fn forget_old(&self) {
        self.generations.write().unwrap_or_else(PoisonError::into_inner).1 = None;
    }

    pub(super) fn current(&self) -> Arc<Keys> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The claims of an access token, if a key of the JWKS signed it. ID tokens have another key.
    pub(super) fn access_claims<T: DeserializeOwned>(&self, jwt: &str) -> Option<T> {
        let (message, signature) = jwt.rsplit_once('.')?;
        let (_, claims) = message.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.published().any(|keys| keys.access.has_signed(message, &signature)) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    pub(super) fn jwks(&self) -> Value {
        let jwks = |keys: Arc<Keys>| [keys.access.jwk.clone(), keys.id.jwk.clone()];
        json!({ "keys": self.published().flat_map(jwks).collect::<Vec<_>>() })
    }

    fn published(&self) -> impl Iterator<Item = Arc<Keys>> {
        let (current, previous) = &*self.generations.read().unwrap_or_else(PoisonError::into_inner);
        [Some(current.clone()), previous.clone()].into_iter().flatten()
    }
}

impl Keys {
    fn generate() -> Result<Self, KeyFailure> {
        Ok(Keys { access: SigningKey::generate()?, id: SigningKey::generate()? })
    }
}

impl SigningKey {
    fn generate() -> Result<Self, KeyFailure> {
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

    fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key());
        key.verify(message.as_bytes(), signature).is_ok()
    }

    /// The claims as a JWT whose header has `kid` and `alg` only, as Cognito's have.
    pub(super) fn sign(&self, claims: &Value) -> Result<String, KeyFailure> {
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
