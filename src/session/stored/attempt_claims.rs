//! Claims to sign-ins, so that each code is sent once by all processes, and all get the same session.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::session_id::SessionId;
use super::vault::{ClaimedItem, Vault};
use crate::clock::{Clock, UnixSeconds};
use crate::crypto::{SecretText, base64url, same, serialize_exposed};
use crate::store::{ItemKey, StoreError};

/// Longer than a sign-in may be under way.
const KEEP: Duration = Duration::from_secs(660);
/// Shorter, since strangers can send codes that come to nothing, and these take room in the store.
const KEEP_FAILURE: Duration = Duration::from_secs(60);
/// For how long others get the session of a sign-in, in seconds.
const KEEP_RESULT: u64 = 30;
/// How long others wait: longer than an exchange takes.
const MAX_WAIT: Duration = Duration::from_secs(12);
/// More than a claim takes: a buffer that grows leaves copies of what it held behind.
const CLAIM_BYTES: usize = 512;
const POLL: Duration = Duration::from_millis(100);

/// The claims to sign-ins of one app.
pub(crate) struct AttemptClaims {
    vault: Arc<Vault>,
    clock: Clock,
    /// What this process signs its claims with. It sends one code of a sign-in at a time, so its own claim without a result
    /// is one whose answer got lost.
    owner: String,
}

/// A claim as it lies in the store, sealed.
#[derive(Serialize, Deserialize)]
struct Claimed {
    owner: String,
    /// SHA-256 of the code.
    code: String,
    at: UnixSeconds,
    /// `None` while the code is being exchanged.
    result: Option<ClaimResult>,
}

#[derive(Serialize, Deserialize)]
enum ClaimResult {
    Session(#[serde(serialize_with = "serialize_exposed")] SecretText),
    Failed,
}

/// What a process that has a code is to do with it.
pub(crate) enum AttemptClaim {
    /// Nobody has sent it: it is for this process to send.
    Ours,
    /// Another process has, or is about to.
    Theirs,
    /// The sign-in is claimed with another code.
    OtherCode,
    /// It is over.
    Used,
}

impl AttemptClaims {
    pub(super) fn new(vault: &Arc<Vault>, clock: &Clock) -> Self {
        AttemptClaims { vault: Arc::clone(vault), clock: clock.clone(), owner: base64url::<16>() }
    }

    /// Claims the sign-in of this state for a code.
    pub(crate) async fn claim(
        &self,
        state_hash: &[u8],
        code: &SecretText,
    ) -> Result<AttemptClaim, StoreError> {
        let claimed = self.claimed(code, None);
        let theirs = match self.vault.claim(&key(state_hash), &encoded(&claimed)?, KEEP).await? {
            ClaimedItem::Yours => return Ok(AttemptClaim::Ours),
            ClaimedItem::Taken(theirs) => theirs.as_deref().and_then(decoded),
        };
        Ok(match theirs {
            Some(theirs) if !same(&theirs.code, &claimed.code) => AttemptClaim::OtherCode,
            // The answer to an earlier claim got lost.
            Some(theirs) if same(&theirs.owner, &self.owner) && theirs.result.is_none() => AttemptClaim::Ours,
            Some(theirs) if theirs.result.is_none() || self.is_recent(&theirs) => AttemptClaim::Theirs,
            _ => AttemptClaim::Used,
        })
    }

    /// Hands the result of a sign-in to the other processes; without an id it has come to nothing.
    pub(crate) async fn settle(&self, state_hash: &[u8], code: &SecretText, id: Option<&SessionId>) {
        let session = |id: &SessionId| ClaimResult::Session(id.expose().to_owned().into());
        let result = Some(id.map_or(ClaimResult::Failed, session));
        let settled = self.claimed(code, result);
        if let Ok(settled) = encoded(&settled) {
            // The others then wait in vain, and are asked to sign in again.
            let keep = if id.is_some() { KEEP } else { KEEP_FAILURE };
            let _ = self.vault.put(&key(state_hash), &settled, keep).await;
        }
    }

    /// Waits for the result of another process: the session, `None` where it has come to nothing, or nobody says.
    pub(crate) async fn result(&self, state_hash: &[u8]) -> Result<Option<SessionId>, StoreError> {
        let (key, ends_at) = (key(state_hash), Instant::now() + MAX_WAIT);
        loop {
            let claimed = self.vault.get(&key).await?;
            match claimed.as_deref().and_then(decoded) {
                Some(Claimed { result: Some(ClaimResult::Session(id)), .. }) => {
                    return Ok(SessionId::parse(id.expose()));
                }
                Some(Claimed { result: None, .. }) if Instant::now() < ends_at => {}
                _ => return Ok(None),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn claimed(&self, code: &SecretText, result: Option<ClaimResult>) -> Claimed {
        Claimed { owner: self.owner.clone(), code: digest(code), at: self.clock.now(), result }
    }

    fn is_recent(&self, claimed: &Claimed) -> bool {
        self.clock.now().since(claimed.at) <= KEEP_RESULT
    }
}

fn key(state_hash: &[u8]) -> ItemKey {
    let hash = Sha256::new_with_prefix(b"rocket-cognito/v1/attempt").chain_update(state_hash);
    ItemKey::new(hash.finalize().into())
}

fn digest(code: &SecretText) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(code.expose()))
}

fn encoded(claimed: &Claimed) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let mut plain = Zeroizing::new(Vec::with_capacity(CLAIM_BYTES));
    serde_json::to_writer(&mut *plain, claimed)
        .map(|()| plain)
        .map_err(|_| StoreError::Refused("a claim was not written".into()))
}

fn decoded(claimed: &[u8]) -> Option<Claimed> {
    serde_json::from_slice(claimed).ok()
}
