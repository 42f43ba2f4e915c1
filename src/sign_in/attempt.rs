//! One login attempt: what is remembered between the redirect to Cognito and the callback.
//!
//! Sources: RFC 6749 section 10.12 (state), RFC 7636 (PKCE), OpenID Connect Core section 3.1.2.1 (nonce).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::reauthentication::{NotFresh, Reauthentication};
use crate::config::Settings;
use crate::crypto::{OpenError, Sealer, base64url, same};
use crate::oauth::{AuthorizationRequest, Begun, Code};

/// How long a visitor may take to sign in, in seconds. Cognito's own limit is five minutes.
pub(crate) const MAX_AGE: u64 = 600;
/// Five attempts of this size stay within what proxies take for a header line.
const MAX_SEALED_BYTES: usize = 1500;
/// With a state of the app's. Browsers silently drop a cookie whose name and value exceed 4096 bytes.
const MAX_SEALED_BYTES_WITH_STATE: usize = 3900;

/// State, nonce and PKCE verifier of one attempt, and where it leads. Lives in a sealed cookie.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempt {
    state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// The path asked for; judged again when it is read back.
    pub(crate) next: Option<String>,
    /// What the app wants back, in base64url: JSON would make six bytes of a control character.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_state: Option<String>,
    /// For a login for which the pool must ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[zeroize(skip)]
    pub(crate) reauthentication: Option<Reauthentication>,
    /// Ties the attempt to this pool, client and callback.
    binding: String,
    /// The callback that `binding` stands for; the code is exchanged with the same (RFC 6749 section 4.1.3).
    #[serde(skip)]
    pub(crate) redirect_url: String,
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

/// Why an attempt has no cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealError {
    /// The app's own state does not fit.
    StateTooLong,
    /// Sealing failed, which the checks of the settings have ruled out.
    Internal,
}

/// Seals and opens attempts of this pool, client and callbacks.
pub(crate) struct Attempts {
    sealer: Sealer,
    callbacks: Vec<Callback>,
}

/// One of the app's callbacks, and what stands for it in an attempt.
struct Callback {
    redirect_url: String,
    binding: String,
}

impl Attempt {
    /// `state` for the authorize request: 256 bits, base64url, since Cognito decodes it once too often.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// For the authorize request.
    pub(crate) fn begun(&self) -> Begun<'_> {
        Begun {
            redirect_url: &self.redirect_url,
            state: &self.state,
            nonce: &self.nonce,
            challenge: challenge(&self.verifier),
        }
    }

    /// What `code` is exchanged with.
    pub(crate) fn with_code<'a>(&'a self, code: &'a str) -> Code<'a> {
        Code { code, redirect_url: &self.redirect_url, verifier: Some(&self.verifier) }
    }

    /// What the app gave to have back, byte for byte.
    pub(crate) fn app_state(&self) -> Option<String> {
        String::from_utf8(URL_SAFE_NO_PAD.decode(self.app_state.as_ref()?).ok()?).ok()
    }

    /// What to ask for once more, should the pool not have asked the user.
    pub(crate) fn second_try(&self) -> Option<AuthorizationRequest> {
        self.reauthentication.as_ref()?.second_try.clone()
    }

    /// How old the sign-in may be when it is completed, in seconds.
    pub(crate) fn max_age(&self) -> Option<u64> {
        self.reauthentication.as_ref()?.max_age
    }

    fn set_second_try(&mut self, request: Option<AuthorizationRequest>) {
        if let Some(reauthentication) = &mut self.reauthentication {
            reauthentication.second_try = request;
        }
    }

    /// Whether the user has signed in since this began, if that is asked for.
    pub(crate) fn check_fresh(
        &self,
        auth_time: Option<u64>,
        issued_at: u64,
        now: u64,
    ) -> Result<(), NotFresh> {
        match &self.reauthentication {
            Some(it) => it.check(self.started_at / 1000, auth_time, issued_at, now),
            None => Ok(()),
        }
    }

    /// How many bytes of the sealed attempt the app's state takes, at most.
    fn app_state_bytes(&self) -> usize {
        self.app_state.as_ref().map_or(0, |encoded| encoded.len() / 3 * 4 + 64)
    }
}

/// The PKCE challenge, S256 (RFC 7636 section 4.2).
pub(crate) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
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
        let sealer = Sealer::new(&settings.secret_keys, "login")?;
        let redirect_urls = settings.redirect_urls.iter().map(|url| url.text.as_str());
        Some(Attempts::of(sealer, settings.issuers.first()?, &settings.client_id, redirect_urls))
    }

    fn of<'a>(
        sealer: Sealer,
        issuer: &str,
        client_id: &str,
        redirect_urls: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let callback = |url: &str| Callback {
            redirect_url: url.to_owned(),
            binding: URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{issuer}\n{client_id}\n{url}"))),
        };
        Attempts { sealer, callbacks: redirect_urls.into_iter().map(callback).collect() }
    }

    /// A fresh attempt that returns to `redirect_url`, at the time `now` in milliseconds; `None` when that is
    /// no callback of this app.
    pub(crate) fn begin(
        &self,
        redirect_url: &str,
        next: Option<String>,
        app_state: Option<&str>,
        now: u64,
    ) -> Option<Attempt> {
        let callback = self.callbacks.iter().find(|callback| callback.redirect_url == redirect_url)?;
        Some(Attempt {
            state: base64url::<32>(),
            nonce: base64url::<32>(),
            verifier: base64url::<48>(),
            next,
            app_state: app_state.map(|text| URL_SAFE_NO_PAD.encode(text)),
            reauthentication: None,
            binding: callback.binding.clone(),
            redirect_url: callback.redirect_url.clone(),
            started_at: now,
        })
    }

    /// The attempt for its cookie. A second try, or a `next`, that is too long for one is left out: browsers drop large
    /// cookies silently, and the sign-in with them. The app's state is kept, or the sign-in does not begin.
    pub(crate) fn seal(&self, attempt: &mut Attempt) -> Result<String, SealError> {
        let state_bytes = attempt.app_state_bytes();
        if state_bytes > MAX_SEALED_BYTES_WITH_STATE {
            return Err(SealError::StateTooLong);
        }
        let now = attempt.started_at / 1000;
        let room = MAX_SEALED_BYTES_WITH_STATE.min(MAX_SEALED_BYTES + state_bytes);
        let (next, second_try) = (attempt.next.take(), attempt.second_try());
        for (next, second_try) in [(&next, &second_try), (&next, &None), (&None, &second_try)] {
            attempt.next.clone_from(next);
            attempt.set_second_try(second_try.clone());
            let sealed = self.sealer.seal(attempt, now).ok_or(SealError::Internal)?;
            if sealed.len() <= room {
                return Ok(sealed);
            }
        }
        attempt.set_second_try(None);
        let sealed = self.sealer.seal(attempt, now).ok_or(SealError::Internal)?;
        if sealed.len() <= MAX_SEALED_BYTES_WITH_STATE { Ok(sealed) } else { Err(SealError::StateTooLong) }
    }

    /// The attempt in a cookie, if it is ours, `now` is within its time, and its callback is still one.
    pub(crate) fn open(&self, sealed: &str, now: u64) -> Result<Attempt, AttemptError> {
        let mut attempt: Attempt = self.sealer.open(sealed, MAX_AGE, now).map_err(|error| match error {
            OpenError::Unreadable => AttemptError::Unreadable,
            OpenError::Expired => AttemptError::Expired,
        })?;
        let callback = self.callbacks.iter().find(|callback| callback.binding == attempt.binding);
        attempt.redirect_url.clone_from(&callback.ok_or(AttemptError::Foreign)?.redirect_url);
        Ok(attempt)
    }

    /// The attempt that `state` came back for.
    pub(crate) fn open_for(&self, sealed: &str, state: &str, now: u64) -> Result<Attempt, AttemptError> {
        let attempt = self.open(sealed, now)?;
        if same(&attempt.state, state) { Ok(attempt) } else { Err(AttemptError::Foreign) }
    }
}

#[cfg(test)]
mod tests;
