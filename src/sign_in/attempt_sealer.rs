//! Login attempts in their sealed form.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::attempt::{Attempt, COOKIE_AGE, MAX_AGE};
use crate::clock::{UnixMilliseconds, UnixSeconds};
use crate::config::{KeySettings, OwnClient, PoolSettings};
use crate::crypto::{OpenError, Sealer, SecretText};
use crate::http::LocalPath;

/// With a path of the greatest length; most attempts take less than 580 bytes.
const MAX_SEALED_BYTES: usize = 1500;
/// With a state of the app's. Browsers silently drop a cookie whose name and value exceed 4096 bytes.
const MAX_SEALED_BYTES_WITH_STATE: usize = 3900;

/// Why a cookie holds no attempt that a callback belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttemptError {
    Unreadable,
    /// Older than its cookie gets.
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
pub(crate) struct AttemptSealer {
    sealer: Sealer,
    callbacks: Vec<BoundCallback>,
}

/// One of the app's callbacks, and what stands for it in an attempt.
struct BoundCallback {
    redirect_url: String,
    binding: String,
}

impl AttemptSealer {
    /// `None` when no key can be derived to seal with.
    pub(crate) fn new(keys: &KeySettings, pool: &PoolSettings, client: &OwnClient) -> Option<Self> {
        let sealer = Sealer::new(&keys.secret_keys, "login")?;
        let redirect_urls = client.redirect_urls.iter().map(|url| url.text.as_str());
        Some(AttemptSealer::of(sealer, pool.issuer(), &client.id, redirect_urls))
    }

    fn of<'a>(
        sealer: Sealer,
        issuer: &str,
        client_id: &str,
        redirect_urls: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let callback = |url: &str| BoundCallback {
            redirect_url: url.to_owned(),
            binding: URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{issuer}\n{client_id}\n{url}"))),
        };
        AttemptSealer { sealer, callbacks: redirect_urls.into_iter().map(callback).collect() }
    }

    /// A fresh attempt that begins `now` and returns to `redirect_url`; `None` when that is no callback of this app.
    pub(crate) fn begin(
        &self,
        redirect_url: &str,
        next: Option<LocalPath>,
        app_state: Option<&str>,
        now: UnixMilliseconds,
    ) -> Option<Attempt> {
        let callback = self.callbacks.iter().find(|callback| callback.redirect_url == redirect_url)?;
        Some(Attempt {
            state: SecretText::random::<32>(),
            nonce: SecretText::random::<32>(),
            verifier: SecretText::random::<48>(),
            next: next.map(LocalPath::into_string),
            app_state: app_state.map(|text| URL_SAFE_NO_PAD.encode(text).into()),
            is_silent: false,
            reauthentication: None,
            level: None,
            is_over: false,
            remember_me: None,
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
        let now = attempt.started_at.seconds();
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

    /// The attempt in a cookie, over or not, if it is ours, and its callback is still one.
    pub(crate) fn open(&self, sealed: &str, now: UnixSeconds) -> Result<Attempt, AttemptError> {
        let open = |max_age| self.sealer.open::<Attempt>(sealed, max_age, now);
        let opened = open(MAX_AGE).or_else(|error| match error {
            OpenError::Expired => open(COOKIE_AGE).map(|mut attempt| {
                attempt.is_over = true;
                attempt
            }),
            error => Err(error),
        });
        let mut attempt = opened.map_err(|error| match error {
            OpenError::Unreadable => AttemptError::Unreadable,
            OpenError::Expired => AttemptError::Expired,
        })?;
        let callback = self.callbacks.iter().find(|callback| callback.binding == attempt.binding);
        attempt.redirect_url.clone_from(&callback.ok_or(AttemptError::Foreign)?.redirect_url);
        Ok(attempt)
    }

    /// The attempt that `state` came back for.
    pub(crate) fn open_for(
        &self,
        sealed: &str,
        state: &str,
        now: UnixSeconds,
    ) -> Result<Attempt, AttemptError> {
        let attempt = self.open(sealed, now)?;
        if attempt.state.same(state) { Ok(attempt) } else { Err(AttemptError::Foreign) }
    }
}

#[cfg(test)]
mod tests;
