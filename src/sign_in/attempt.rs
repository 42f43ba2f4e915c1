//! One login attempt: what is remembered between the redirect to Cognito and the callback.
//!
//! Sources: RFC 6749 section 10.12 (state), RFC 7636 (PKCE), OpenID Connect Core section 3.1.2.1 (nonce).

use std::ops::Not;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::reauthentication::{Reauthentication, StaleSignIn};
use super::state_hash::StateHash;
use crate::clock::{UnixMilliseconds, UnixSeconds};
use crate::crypto::{SecretText, serialize_exposed, serialize_exposed_option};
use crate::http::{LocalPath, RedirectTargets};
use crate::oauth::{AuthorizationParameters, AuthorizationRequest, CodeGrant, challenge};

/// How long a visitor may take to sign in, in seconds. Cognito's own limit is five minutes.
pub(super) const MAX_AGE: u64 = 600;
/// How long an attempt's cookie is kept, in seconds: where an attempt that is over was to lead is still known.
pub(super) const COOKIE_AGE: u64 = 3600;
/// The longest path that an attempt remembers, in bytes.
pub(crate) const MAX_NEXT_BYTES: usize = 700;
/// What is random in a state, in base64url.
const RANDOM_STATE_BYTES: usize = 43;
/// For how long, in seconds, a sign-in that has begun again does not begin once more.
const BEGUN_AGAIN_SECONDS: u64 = 60;

/// State, nonce and PKCE verifier of one attempt, and where it leads. Lives in a sealed cookie.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attempt {
    /// For the authorization request: 256 bits, base64url, since Cognito decodes it once too often.
    #[serde(serialize_with = "serialize_exposed")]
    pub(super) state: SecretText,
    #[serde(serialize_with = "serialize_exposed")]
    pub(crate) nonce: SecretText,
    #[serde(serialize_with = "serialize_exposed")]
    pub(crate) verifier: SecretText,
    /// The path asked for.
    pub(super) next: Option<String>,
    /// What the app wants back, in base64url: JSON would make six bytes of a control character.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "serialize_exposed_option")]
    pub(super) app_state: Option<SecretText>,
    /// Whether the pool was not to ask the user anything (`prompt=none`).
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(super) is_silent: bool,
    /// For a login for which the pool must ask again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[zeroize(skip)]
    pub(crate) reauthentication: Option<Reauthentication>,
    /// The level, 1 to 4, that the sign-in is to reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<u8>,
    /// Whether the session outlasts the browser's own, where the login says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remember_me: Option<bool>,
    /// Ties the attempt to this pool, client and callback.
    pub(super) binding: String,
    /// Whether the visitor has taken too long.
    #[serde(skip)]
    pub(super) is_over: bool,
    /// The callback that `binding` stands for; the code is exchanged with the same (RFC 6749 section 4.1.3).
    #[serde(skip)]
    pub(crate) redirect_url: String,
    /// In milliseconds, so that of several tabs opened at once the oldest is known.
    pub(crate) started_at: UnixMilliseconds,
}

impl Attempt {
    /// The attempt's name, which does not show its state.
    pub(super) fn state_hash(&self) -> StateHash {
        StateHash::of(self.state.expose())
    }

    /// Where the sign-in leads, judged by the settings of today.
    pub(crate) fn next(&self, targets: &RedirectTargets) -> Option<LocalPath> {
        targets.judge(self.next.as_deref()?)
    }

    /// For the authorize request.
    pub(crate) fn begun(&self) -> AuthorizationParameters<'_> {
        AuthorizationParameters {
            redirect_url: &self.redirect_url,
            state: &self.state,
            nonce: &self.nonce,
            challenge: challenge(&self.verifier),
        }
    }

    /// What `code` is exchanged with.
    pub(crate) fn with_code<'a>(&'a self, code: &'a SecretText) -> CodeGrant<'a> {
        CodeGrant {
            code: code.expose(),
            redirect_url: &self.redirect_url,
            verifier: Some(self.verifier.expose()),
        }
    }

    /// What the app gave to have back, byte for byte.
    pub(crate) fn app_state(&self) -> Option<String> {
        String::from_utf8(URL_SAFE_NO_PAD.decode(self.app_state.as_ref()?.expose()).ok()?).ok()
    }

    /// What to ask for once more, should the pool not have asked the user.
    pub(crate) fn second_try(&self) -> Option<AuthorizationRequest> {
        self.reauthentication.as_ref()?.second_try.clone()
    }

    pub(super) fn set_second_try(&mut self, request: Option<AuthorizationRequest>) {
        if let Some(reauthentication) = &mut self.reauthentication {
            reauthentication.second_try = request;
        }
    }

    /// Whether the user has signed in since this began, if that is asked for.
    pub(crate) fn check_fresh(
        &self,
        auth_time: Option<UnixSeconds>,
        issued_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StaleSignIn> {
        match &self.reauthentication {
            Some(it) => it.check(self.started_at.seconds(), auth_time, issued_at, now),
            None => Ok(()),
        }
    }

    /// How many bytes of the sealed attempt the app's state takes, at most.
    pub(super) fn app_state_bytes(&self) -> usize {
        self.app_state.as_ref().map_or(0, |encoded| encoded.len() / 3 * 4 + 64)
    }
}

/// The state of an attempt that takes the place of another, whose callback was not recognised. It carries the time:
/// where cookies do not come back, nothing else would end the circle.
pub(super) fn state_begun_again(now: UnixSeconds) -> SecretText {
    format!("{}{}", SecretText::random::<32>().expose(), now.0).into()
}

/// When the attempt of this `state` began again, if it did. Whoever makes up such a state only keeps a sign-in from
/// beginning again.
pub(super) fn begun_again_at(state: &str) -> Option<UnixSeconds> {
    state.get(RANDOM_STATE_BYTES..)?.parse().ok().map(UnixSeconds)
}

/// Whether an attempt with this `state` has begun again within the last minute.
pub(super) fn has_begun_again(state: &str, now: UnixSeconds) -> bool {
    begun_again_at(state).is_some_and(|began| now.since(began) < BEGUN_AGAIN_SECONDS)
}
