//! Keys that seal cookies: whether one is random enough, and new ones.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::crypto::Secret;

/// The length of a SHA-256 block key, below which guessing becomes thinkable.
const MIN_BYTES: usize = 32;

/// Bits per byte (Shannon) that random base64 or letters of this length have; prose and repetitions may not.
const MIN_ENTROPY: f64 = 3.5;

/// A hexadecimal digit has four bits at most; of a million random texts of 32 digits the poorest had 2.7 each.
const MIN_HEX_ENTROPY: f64 = 2.5;

/// Keys in documentation, which everyone has.
const PUBLISHED: [&str; 7] = [
    // Rocket: the guide of 0.5, that of 0.4, and the examples.
    "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk=",
    "8Xui8SN4mI+7egV/9dlfYYLGQJeEx4+DwmSQLwDVXJg=",
    "itlYmFR2vYKrOmFhupMIn/hyB6lYCCTXz4yaQX89XVg=",
    // The specification of Fernet.
    "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
    // The manuals of FastAPI and Flask.
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    // jwt.io
    "a-string-secret-at-least-256-bits-long",
];

/// Checks a key; the error does not contain it.
pub(crate) fn check(text: &str) -> Result<Secret, String> {
    if text.len() < MIN_BYTES {
        return Err(format!("is {} bytes long, shorter than {MIN_BYTES}", text.len()));
    }
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if entropy(text) < if hexadecimal { MIN_HEX_ENTROPY } else { MIN_ENTROPY } {
        return Err("repeats few characters, so it is not random".into());
    }
    if PUBLISHED.contains(&text) {
        return Err("is an example from documentation, which everyone knows".into());
    }
    Ok(Secret::new(text))
}

/// Shannon's entropy of the bytes of `text`, in bits per byte.
fn entropy(text: &str) -> f64 {
    let mut bytes = Zeroizing::new(text.as_bytes().to_vec());
    bytes.sort_unstable();
    let runs = bytes.chunk_by(u8::eq).map(|run| run.len() as f64 / text.len() as f64);
    runs.map(|share| -share * share.log2()).sum()
}

/// A new key of 256 bits.
pub(crate) fn random() -> Secret {
    let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
    Secret::new(STANDARD.encode(bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom;

    use super::*;

    /// K13.
    #[test]
    fn weak_keys_are_refused_and_not_shown() {
        let weak = [
            "",
            "secret",
            "0123456789abcdef0123456789abcde",
            &"a".repeat(32),
            &"\0".repeat(64),
            &"abc".repeat(20),
            &"changeme".repeat(8),
            &"deadbeef".repeat(8),
            "00000000-0000-0000-0000-000000000001",
            "00112233001122330011223300112233",
        ];
        for key in weak.iter().chain(&PUBLISHED) {
            let problem = check(key).unwrap_err();
            assert!(key.is_empty() || !problem.contains(key), "{problem}");
        }
    }

    /// K13: what generators of keys give is never refused.
    #[test]
    fn random_keys_pass() {
        let mut dice = StdRng::seed_from_u64(20_260_801);
        let base64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let hexadecimal = b"0123456789abcdef";
        for (alphabet, length) in
            [(hexadecimal.as_slice(), 32), (hexadecimal, 64), (base64, 32), (base64, 64)]
        {
            for _ in 0..100_000 {
                let key: Vec<u8> = (0..length).map(|_| *alphabet.choose(&mut dice).unwrap()).collect();
                let key = String::from_utf8(key).unwrap();
                assert!(check(&key).is_ok(), "{key}");
            }
        }
    }

    #[test]
    fn keys_of_our_own_differ_and_pass() {
        let (one, other) = (random(), random());
        assert_ne!(one.expose(), other.expose());
        assert!(check(one.expose()).is_ok());
    }
}
