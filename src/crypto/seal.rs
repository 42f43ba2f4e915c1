//! Sealed values for cookies: Fernet under one subkey per purpose, with version, purpose and time inside.

use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use fernet::Fernet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::secret::Secret;
use crate::clock::UnixSeconds;

const VERSION: u8 = 1;
/// How far another machine's clock may be ahead, in seconds.
const CLOCK_SKEW: u64 = 60;
const KEY_BYTES: usize = 32;
/// Passes Fernet's own check of time, which adds to a number that is not authenticated yet; the envelope's time counts.
const ANY_TIME: u64 = u64::MAX - 60;
/// More than fits into cookies. A buffer that grows leaves copies of what it held behind.
const PLAIN_BYTES: usize = 8 * 1024;
/// More than the ciphers use: 16 KiB.
const STACK_WORDS: usize = 2 * 1024;

/// Seals and opens values of one purpose. The first key seals, all open.
pub(crate) struct Sealer {
    ring: Vec<Fernet>,
    purpose: &'static str,
}

/// Why a sealed value was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// Tampered with, cut off, sealed for another purpose or under a key that is no longer known.
    Unreadable,
    Expired,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<T> {
    #[serde(rename = "v")]
    version: u8,
    #[serde(rename = "p")]
    purpose: String,
    #[serde(rename = "t")]
    sealed_at: UnixSeconds,
    #[serde(rename = "d")]
    value: T,
}

impl Sealer {
    /// `None` when a subkey cannot be derived, which HKDF-SHA256 rules out for 32 bytes.
    pub(crate) fn new(keys: &[Secret], purpose: &'static str) -> Option<Self> {
        let ring = keys.iter().map(|key| subkey(key, purpose)).collect::<Option<Vec<_>>>()?;
        Some(Sealer { ring, purpose })
    }

    pub(crate) fn seal<T: Serialize>(&self, value: &T, now: UnixSeconds) -> Option<String> {
        let first = self.ring.first()?;
        let purpose = self.purpose.to_owned();
        let envelope = Envelope { version: VERSION, purpose, sealed_at: now, value };
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        serde_json::to_writer(&mut *plain, &envelope).ok()?;
        Some(without_traces(|| first.encrypt_at_time(&plain, now.0)))
    }

    /// Opens what [`seal`](Self::seal) made at most `max_age` seconds before `now`.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        sealed: &str,
        max_age: u64,
        now: UnixSeconds,
    ) -> Result<T, OpenError> {
        // Fernet accepts trimmed padding: two spellings of one value. Only the canonical one counts.
        URL_SAFE.decode(sealed).map_err(|_| OpenError::Unreadable)?;
        let open = |key: &Fernet| key.decrypt_at_time(sealed, None, ANY_TIME).ok().map(Zeroizing::new);
        let plain = without_traces(|| self.ring.iter().find_map(open)).ok_or(OpenError::Unreadable)?;
        self.unsealed(&plain, max_age, now)
    }

    /// The value in an opened envelope.
    pub(crate) fn unsealed<T: DeserializeOwned>(
        &self,
        plain: &[u8],
        max_age: u64,
        now: UnixSeconds,
    ) -> Result<T, OpenError> {
        let text = std::str::from_utf8(plain).map_err(|_| OpenError::Unreadable)?;
        let envelope: Envelope<T> = serde_json::from_str(text).map_err(|_| OpenError::Unreadable)?;
        if envelope.version != VERSION || envelope.purpose != self.purpose {
            return Err(OpenError::Unreadable);
        }
        let expired = now.since(envelope.sealed_at) > max_age;
        let from_the_future = envelope.sealed_at.since(now) > CLOCK_SKEW;
        if expired || from_the_future { Err(OpenError::Expired) } else { Ok(envelope.value) }
    }
}

/// Does `work`, and overwrites what it leaves on the stack: ciphers leave keys and blocks of plain text there.
pub(super) fn without_traces<T>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn done<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    #[inline(never)]
    fn wipe() {
        // In words, since each is written by an instruction of its own.
        drop(Zeroizing::new([0_u64; STACK_WORDS]));
    }
    let result = done(work);
    wipe();
    result
}

fn subkey(key: &Secret, purpose: &str) -> Option<Fernet> {
    let label = format!("rocket-cognito/v1/{purpose}");
    let info = [label.as_bytes()];
    let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(key.expose().as_bytes())
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(bytes.as_mut()))
        .ok()?;
    Fernet::new(&Zeroizing::new(URL_SAFE.encode(bytes.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_000);

    fn sealer(key: &str, purpose: &'static str) -> Sealer {
        Sealer::new(&[Secret::new(key)], purpose).unwrap()
    }

    #[test]
    fn a_value_opens_under_its_own_purpose_key_and_time_only() {
        let login = sealer("a key of thirty-two bytes or more", "login");
        let sealed = login.seal(&"value".to_owned(), NOW).unwrap();
        assert_eq!(login.open::<String>(&sealed, 600, UnixSeconds(1_600)), Ok("value".to_owned()));
        assert_eq!(login.open::<String>(&sealed, 600, UnixSeconds(1_601)), Err(OpenError::Expired));
        assert_eq!(login.open::<String>(&sealed, 600, UnixSeconds(939)), Err(OpenError::Expired));

        let refresh = sealer("a key of thirty-two bytes or more", "refresh");
        assert_eq!(refresh.open::<String>(&sealed, 600, NOW), Err(OpenError::Unreadable));
        let other = sealer("another key of thirty-two bytes..", "login");
        assert_eq!(other.open::<String>(&sealed, 600, NOW), Err(OpenError::Unreadable));
    }

    /// K8: a value is bound to its purpose by its key and by what lies in it, each of which is enough.
    #[test]
    fn each_binding_to_a_purpose_holds_by_itself() {
        const KEY: &str = "a key of thirty-two bytes or more";
        let (login, refresh) = (sealer(KEY, "login"), sealer(KEY, "refresh"));
        let envelope =
            |version, purpose| format!(r#"{{"v":{version},"p":"{purpose}","t":1000,"d":"value"}}"#);
        let open =
            |sealed: &str| (login.open::<String>(sealed, 600, NOW), refresh.open::<String>(sealed, 600, NOW));
        let unreadable = || Err(OpenError::Unreadable);
        for (key, version, purpose, expected) in [
            ("login", 1, "login", (Ok("value".to_owned()), unreadable())),
            ("refresh", 1, "refresh", (unreadable(), Ok("value".to_owned()))),
            ("login", 1, "refresh", (unreadable(), unreadable())),
            ("refresh", 1, "login", (unreadable(), unreadable())),
            ("login", 2, "login", (unreadable(), unreadable())),
        ] {
            let key = subkey(&Secret::new(KEY), key).unwrap();
            let sealed = key.encrypt_at_time(envelope(version, purpose).as_bytes(), NOW.0);
            assert_eq!(open(&sealed), expected, "{version} {purpose}");
        }
    }

    #[test]
    fn no_changed_byte_opens() {
        let login = sealer("a key of thirty-two bytes or more", "login");
        let sealed = login.seal(&"a value that needs padding".to_owned(), NOW).unwrap();
        for position in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(login.open::<String>(&changed, 600, NOW), Err(OpenError::Unreadable), "{position}");
        }
    }

    /// K12.
    #[test]
    fn only_the_canonical_spelling_opens() {
        let login = sealer("a key of thirty-two bytes or more", "login");
        let mut sealed =
            std::iter::repeat_with(|| login.seal(&"a value that needs padding".to_owned(), NOW).unwrap());
        // With both letters that the standard alphabet spells otherwise.
        let sealed = sealed.find(|sealed| sealed.contains('-') && sealed.contains('_')).unwrap();
        assert!(sealed.ends_with('=') && login.open::<String>(&sealed, 600, NOW).is_ok());
        let (last, padding) = sealed.split_at(sealed.find('=').unwrap());
        let (most, last) = last.split_at(last.len() - 1);
        // The last letter before padding has unused bits, which are zero.
        let unused = char::from(last.as_bytes()[0] + 1);
        for other in [
            sealed.trim_end_matches('=').to_owned(),
            format!("{sealed}="),
            format!("{sealed}\n"),
            format!(" {sealed}"),
            format!("{} {}", &sealed[..40], &sealed[40..]),
            format!("{}\r\n{}", &sealed[..40], &sealed[40..]),
            sealed.replace('-', "+"),
            sealed.replace('_', "/"),
            sealed.replace('-', "+").replace('_', "/"),
            format!("{most}{unused}{padding}"),
            sealed.replace('=', "%3D"),
            format!("{sealed}{sealed}"),
        ] {
            assert_ne!(other, sealed);
            assert_eq!(login.open::<String>(&other, 600, NOW), Err(OpenError::Unreadable), "{other:?}");
        }
    }

    /// A machine whose clock has never been set.
    #[test]
    fn values_are_sealed_at_the_beginning_of_time_too() {
        let login = sealer("a key of thirty-two bytes or more", "login");
        let sealed = login.seal(&1, UnixSeconds(0)).unwrap();
        assert_eq!(login.open::<u8>(&sealed, 600, UnixSeconds(0)), Ok(1));
        assert_eq!(login.open::<u8>(&sealed, 600, UnixSeconds(u64::MAX)), Err(OpenError::Expired));
    }

    #[test]
    fn the_first_key_seals_and_all_open() {
        let (old, new) = ("the old key of thirty-two bytes..", "the new key of thirty-two bytes..");
        let ring = Sealer::new(&[Secret::new(new), Secret::new(old)], "login").unwrap();
        let from_old = sealer(old, "login").seal(&1, NOW).unwrap();
        assert_eq!(ring.open::<u8>(&from_old, 600, NOW), Ok(1));
        let from_ring = ring.seal(&2, NOW).unwrap();
        assert_eq!(sealer(new, "login").open::<u8>(&from_ring, 600, NOW), Ok(2));
        assert!(sealer(old, "login").open::<u8>(&from_ring, 600, NOW).is_err());
    }
}
