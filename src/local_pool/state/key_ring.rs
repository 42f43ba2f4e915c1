//! The pool's signing keys and their JWKS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::changes::Changes;
use crate::token::{KeyFailure, SavedSigningKeys, SigningKey, SigningKeys};

/// The keys that the pools of this process begin with, by pool id.
static OF_PROCESS: Mutex<BTreeMap<String, Arc<SigningKeys>>> = Mutex::new(BTreeMap::new());

/// For how many pool ids they are kept.
const MAX_POOL_IDS: usize = 16;

/// The keys in force, and the public keys of the generation before.
pub(crate) struct KeyRing {
    generations: RwLock<(Arc<SigningKeys>, Option<Arc<SigningKeys>>)>,
    changes: Changes,
}

/// The private keys in a state file.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedKeys {
    current: SavedSigningKeys,
    previous: Option<SavedSigningKeys>,
}

impl KeyRing {
    /// The keys that a pool of this id begins with. The first one of a process makes them, which takes most of its
    /// start; later ones have the same keys, and differ in their issuer.
    pub(crate) fn of_process(user_pool_id: &str) -> Result<Self, KeyFailure> {
        // Whoever starts meanwhile waits for these keys, instead of making others.
        let mut kept = OF_PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = match kept.get(user_pool_id) {
            Some(keys) => keys.clone(),
            None => Arc::new(SigningKeys::generate()?),
        };
        if kept.len() < MAX_POOL_IDS {
            kept.insert(user_pool_id.to_owned(), keys.clone());
        }
        Ok(KeyRing { generations: RwLock::new((keys, None)), changes: Changes::default() })
    }

    pub(super) fn restored(saved: SavedKeys) -> Result<Self, KeyFailure> {
        let keys = Arc::new(SigningKeys::restored(saved.current)?);
        let previous = saved.previous.map(SigningKeys::restored).transpose()?.map(Arc::new);
        Ok(KeyRing { generations: RwLock::new((keys, previous)), changes: Changes::default() })
    }

    /// Notes changes there.
    pub(super) fn noting(self, changes: &Changes) -> Self {
        KeyRing { changes: changes.clone(), ..self }
    }

    pub(super) fn saved(&self) -> Result<SavedKeys, KeyFailure> {
        let (current, previous) = &*self.generations.read().unwrap_or_else(PoisonError::into_inner);
        let previous = previous.as_ref().map(|keys| keys.saved()).transpose()?;
        Ok(SavedKeys { current: current.saved()?, previous })
    }

    /// New keys sign from now on. Keys that cannot be generated leave the old ones in force.
    pub(crate) fn rotate(&self) {
        if let Ok(keys) = SigningKeys::generate() {
            let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
            let previous = std::mem::replace(&mut generations.0, Arc::new(keys));
            generations.1 = Some(previous);
            self.changes.note();
        }
    }

    /// Takes the keys before the current ones out of the JWKS.
    pub(crate) fn forget_old(&self) {
        self.generations.write().unwrap_or_else(PoisonError::into_inner).1 = None;
        self.changes.note();
    }

    pub(crate) fn current(&self) -> Arc<SigningKeys> {
        self.generations.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// The claims of an access token, if a key of the JWKS signed it. ID tokens have another key.
    pub(crate) fn access_claims<T: DeserializeOwned>(&self, jwt: &str) -> Option<T> {
        self.claims_by(jwt, |keys| &keys.access)
    }

    /// The claims of an ID token, if a key of the JWKS signed it.
    pub(crate) fn id_claims<T: DeserializeOwned>(&self, jwt: &str) -> Option<T> {
        self.claims_by(jwt, |keys| &keys.id)
    }

    fn claims_by<T: DeserializeOwned>(&self, jwt: &str, key: fn(&SigningKeys) -> &SigningKey) -> Option<T> {
        let (message, signature) = jwt.rsplit_once('.')?;
        let (_, claims) = message.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.published().any(|keys| key(&keys).has_signed(message, &signature)) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": self.published().flat_map(|keys| keys.jwks()).collect::<Vec<_>>() })
    }

    fn published(&self) -> impl Iterator<Item = Arc<SigningKeys>> {
        let (current, previous) = &*self.generations.read().unwrap_or_else(PoisonError::into_inner);
        [Some(current.clone()), previous.clone()].into_iter().flatten()
    }
}
