//! Passwords, which a state file has as hashes alone.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::crypto::{Secret, base64url, same};

/// Some milliseconds for each password, which a pool for development can spend.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(9_999);

/// What a text can be recognised by, and not be found from in a moment: PBKDF2 (RFC 8018) with a salt.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SlowHash {
    salt: String,
    hash: String,
}

impl SlowHash {
    pub(super) fn of(text: &str) -> Self {
        let salt = base64url::<16>();
        let mut hash = [0; 32];
        pbkdf2::derive(PBKDF2_HMAC_SHA256, ROUNDS, salt.as_bytes(), text.as_bytes(), &mut hash);
        SlowHash { salt, hash: URL_SAFE_NO_PAD.encode(hash) }
    }

    pub(super) fn is_of(&self, text: &str) -> bool {
        // Of nothing at all any text would be the hash.
        let hash = URL_SAFE_NO_PAD.decode(&self.hash).ok().and_then(|hash| <[u8; 32]>::try_from(hash).ok());
        hash.is_some_and(|hash| {
            pbkdf2::verify(PBKDF2_HMAC_SHA256, ROUNDS, self.salt.as_bytes(), text.as_bytes(), &hash).is_ok()
        })
    }
}

/// The password of a user, serialized as its hash. Clones share the hash, which is made when it is first needed.
#[derive(Clone)]
pub(super) struct Password(Arc<Known>);

struct Known {
    /// `None` for one of a state file.
    text: Option<Secret>,
    hash: OnceLock<SlowHash>,
}

impl Password {
    pub(super) fn new(text: Secret) -> Self {
        Password(Arc::new(Known { text: Some(text), hash: OnceLock::new() }))
    }

    pub(super) fn is(&self, given: &str) -> bool {
        match &self.0.text {
            Some(text) => same(text.expose(), given),
            None => self.0.hash.get().is_some_and(|hash| hash.is_of(given)),
        }
    }
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.text.as_ref().map_or("", Secret::expose);
        self.0.hash.get_or_init(|| SlowHash::of(text)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hash = OnceLock::from(SlowHash::deserialize(deserializer)?);
        Ok(Password(Arc::new(Known { text: None, hash })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_recognised_by_its_hash_and_not_in_it() {
        let password = Password::new(Secret::new("Passw0rd!"));
        let kept = serde_json::to_string(&password).unwrap();
        assert!(!kept.contains("Passw0rd!"));
        assert_eq!(serde_json::to_string(&password.clone()).unwrap(), kept, "it is hashed once");
        let read: Password = serde_json::from_str(&kept).unwrap();
        for password in [password, read] {
            assert_eq!(["Passw0rd!", "passw0rd!", ""].map(|text| password.is(text)), [true, false, false]);
        }
        let nobodys: Password = serde_json::from_str(r#"{"salt":"","hash":""}"#).unwrap();
        assert!(!nobodys.is("") && !nobodys.is("x"));
    }
}
