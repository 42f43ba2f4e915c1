//! One login attempt: what is remembered between the redirect to Cognito and the callback.
//!
//! Sources: RFC 6749 section 10.12 (state), RFC 7636 (PKCE), OpenID Connect Core section 3.1.2.1 (nonce).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::config::Settings;
use crate::constant_time::same;
use crate::random::base64url;
use crate::seal::{OpenError, Sealer};

/// How long a visitor may take to sign in, in seconds. Cognito's own limit is five minutes.
pub(crate) const MAX_AGE: u64 = 600;
/// Five attempts of this size stay within what proxies take for a header line.
const MAX_SEALED_BYTES: usize = 1500;

/// State, nonce and PKCE verifier of one attempt, and where it leads. Lives in a sealed cookie.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempt {
    state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// The path asked for; judged again when it is read back.
    pub(crate) next: Option<String>,
    /// Ties the attempt to this pool, client and callback.
    binding: String,
    /// In milliseconds, so that of several tabs opened at once the oldest is known.
    pub(crate) started_at: u64,
}

/// Identifies an attempt without telling its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StateHash([u8; 32]);

/// Why a callback does not belong to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptError {
    Unreadable,
    Expired,
    /// Begun for another pool, client or callback, or with another state.
    Foreign,
}

/// Seals and opens attempts of this pool, client and callback.
pub(crate) struct Attempts {
    sealer: Sealer,
    binding: String,
}

impl Attempt {
    /// `state` for the authorize request: 256 bits, base64url, since Cognito decodes it once too often.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// The PKCE challenge, S256 (RFC 7636 section 4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

impl StateHash {
    pub(crate) fn of(state: &str) -> Self {
        StateHash(Sha256::digest(state.as_bytes()).into())
    }

    /// Whether `text` may be a [`short`](Self::short) name.
    pub(crate) fn is_short(text: &str) -> bool {
        text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// A short name for the attempt's cookie: eight hexadecimal digits.
    pub(crate) fn short(&self) -> String {
        self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Attempts {
    pub(crate) fn new(settings: &Settings) -> Option<Self> {
        Some(Attempts {
            sealer: Sealer::new(&settings.secret_keys, "login")?,
            binding: binding(settings.issuers.first()?, &settings.client_id, &settings.redirect_url),
        })
    }

    /// A fresh attempt that leads to `next`, at the time `now` in milliseconds.
    pub(crate) fn begin(&self, next: Option<String>, now: u64) -> Attempt {
        Attempt {
            state: base64url::<32>(),
            nonce: base64url::<32>(),
            verifier: base64url::<48>(),
            next,
            binding: self.binding.clone(),
            started_at: now,
        }
    }

    /// The attempt for its cookie. A `next` too long for one is left out: browsers drop large cookies
    /// silently, and the sign-in with them.
    pub(crate) fn seal(&self, attempt: &mut Attempt) -> Option<String> {
        let now = attempt.started_at / 1000;
        let sealed = self.sealer.seal(attempt, now)?;
        if sealed.len() <= MAX_SEALED_BYTES {
            return Some(sealed);
        }
        attempt.next = None;
        self.sealer.seal(attempt, now)
    }

    /// The attempt in a cookie, if it is ours and `now` is within its time.
    pub(crate) fn open(&self, sealed: &str, now: u64) -> Result<Attempt, AttemptError> {
        let attempt: Attempt = self.sealer.open(sealed, MAX_AGE, now).map_err(|error| match error {
            OpenError::Unreadable => AttemptError::Unreadable,
            OpenError::Expired => AttemptError::Expired,
        })?;
        if attempt.binding == self.binding { Ok(attempt) } else { Err(AttemptError::Foreign) }
    }

    /// The attempt that `state` came back for.
    pub(crate) fn open_for(&self, sealed: &str, state: &str, now: u64) -> Result<Attempt, AttemptError> {
        let attempt = self.open(sealed, now)?;
        if same(&attempt.state, state) { Ok(attempt) } else { Err(AttemptError::Foreign) }
    }
}

fn binding(issuer: &str, client_id: &str, redirect_url: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{issuer}\n{client_id}\n{redirect_url}")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::Secret;

    fn attempts(client_id: &str) -> Attempts {
        Attempts {
            sealer: Sealer::new(&[Secret::new("a key of thirty-two bytes or more")], "login").unwrap(),
            binding: binding("https://pool.example/p", client_id, "https://app.example/cb"),
        }
    }

    #[test]
    fn every_attempt_has_its_own_long_secrets() {
        let attempts = attempts("client");
        let mut seen = HashSet::new();
        for _ in 0..100_000 {
            let attempt = attempts.begin(None, 0);
            assert!((43..=128).contains(&attempt.verifier.len()));
            for secret in [&attempt.state, &attempt.nonce, &attempt.verifier] {
                assert!(secret.len() >= 43);
                assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
                assert!(seen.insert(secret.clone()));
            }
        }
    }

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let mut attempt = attempts("client").begin(None, 0);
        attempt.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into();
        assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn an_attempt_opens_for_its_state_client_and_time_only() {
        let ours = attempts("client");
        let mut attempt = ours.begin(Some("/me".into()), 1_000_999);
        let (sealed, state) = (ours.seal(&mut attempt).unwrap(), attempt.state().to_owned());
        assert_eq!(ours.open_for(&sealed, &state, 1_600).unwrap().next.as_deref(), Some("/me"));
        assert_eq!(ours.open_for(&sealed, &state, 1_601).err(), Some(AttemptError::Expired));
        assert_eq!(ours.open_for(&sealed, "other", 1_000).err(), Some(AttemptError::Foreign));
        assert_eq!(attempts("other").open_for(&sealed, &state, 1_000).err(), Some(AttemptError::Foreign));
        assert_eq!(ours.open_for("x", &state, 1_000).err(), Some(AttemptError::Unreadable));
    }

    #[test]
    fn a_next_that_would_make_the_cookie_too_large_is_left_out() {
        let ours = attempts("client");
        for (length, kept) in [(500, true), (2_000, false)] {
            let mut attempt = ours.begin(Some(format!("/?{}", "x".repeat(length))), 1_000_000);
            let sealed = ours.seal(&mut attempt).unwrap();
            assert!(sealed.len() <= MAX_SEALED_BYTES);
            let opened = ours.open_for(&sealed, attempt.state(), 1_000).unwrap();
            assert_eq!(opened.next.is_some(), kept, "{length}");
        }
    }
}
