//! The keys that seal cookies.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Secret;

/// The length of a SHA-256 block key, below which guessing becomes thinkable.
const MIN_BYTES: usize = 32;

/// Fewer different characters than any random text of that length has.
const MIN_DIFFERENT: usize = 8;

/// The key in Rocket's guide, which everyone has.
const PUBLISHED: &str = "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=";

/// Checks a key; the error does not contain it.
pub(super) fn check(text: &str) -> Result<Secret, String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    let different = Zeroizing::new(bytes).len();
    if text.len() < MIN_BYTES {
        return Err(format!("is {} bytes long, shorter than {MIN_BYTES}", text.len()));
    }
    if different < MIN_DIFFERENT {
        return Err(format!("repeats {different} characters, so it is not random"));
    }
    if text == PUBLISHED {
        return Err("is an example from documentation, which everyone knows".into());
    }
    Ok(Secret::new(text))
}

/// A new key of 256 bits.
pub(super) fn random() -> Secret {
    let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
    Secret::new(STANDARD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_keys_are_refused_and_not_shown() {
        for key in [
            "",
            "secret",
            "0123456789abcdef0123456789abcde",
            &"a".repeat(32),
            &"\0".repeat(64),
            &"abc".repeat(20),
            &"changeme".repeat(8),
            PUBLISHED,
        ] {
            let problem = check(key).unwrap_err();
            assert!(key.is_empty() || !problem.contains(key), "{problem}");
        }
    }

    #[test]
    fn random_keys_differ_and_pass() {
        let (one, other) = (random(), random());
        assert_ne!(one.expose(), other.expose());
        assert!(check(one.expose()).is_ok());
        assert!(check("0123456789abcdef0123456789abcdef").is_ok());
    }
}
