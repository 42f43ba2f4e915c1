//! Tokens of the client's own, got once and used until they expire.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::json;
use tokio::sync::OnceCell;

use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::oauth::Endpoints;
use crate::pool::ClientError;

/// A token is not handed out any more so many seconds before it expires: it has to reach its service in time.
const AHEAD: u64 = 60;
/// For answers that do not say: Cognito's shortest lifetime, in seconds.
const DEFAULT_LIFETIME: u64 = 300;
/// A program asks for few sets of scopes and metadata; beyond this all are forgotten.
const MAX_SETS: usize = 64;

/// A token of an app client's own, by client credentials: for `Authorization: Bearer` at another service.
pub struct ClientToken {
    access_token: SecretText,
    expires_at: UnixSeconds,
}

impl ClientToken {
    /// The token. A secret: never log it.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.access_token.expose()
    }

    /// When it expires.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at.into()
    }

    /// Whether it reaches its service in time. A token that lives for two minutes or less has no such reserve.
    fn is_good(&self, now: UnixSeconds, lifetime: u64) -> bool {
        now.plus(AHEAD.min(lifetime / 2)) < self.expires_at
    }
}

impl fmt::Debug for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientToken").field("expires_at", &self.expires_at.0).finish_non_exhaustive()
    }
}

/// The tokens of one client by their scopes, and by the metadata with which they were asked for.
#[derive(Default)]
pub(super) struct ClientTokens {
    sets: Mutex<HashMap<Request, Arc<Slot>>>,
}

/// What a token is asked for with.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Request {
    scopes: String,
    /// A JSON object, or nothing.
    metadata: String,
}

/// One call to the pool, for all who wait for it.
#[derive(Default)]
struct Slot {
    /// With its lifetime; a failure is for those who wait, and not for those who come later.
    token: OnceCell<Result<(Arc<ClientToken>, u64), ClientError>>,
}

impl ClientTokens {
    pub(super) async fn get(
        &self,
        client: &Endpoints,
        scopes: &[&str],
        metadata: &[(&str, &str)],
        now: SystemTime,
    ) -> Result<Arc<ClientToken>, ClientError> {
        let now = UnixSeconds::from(now);
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        // Sorted by their names.
        let metadata: BTreeMap<_, _> = metadata.iter().copied().collect();
        let metadata = if metadata.is_empty() { String::new() } else { json!(metadata).to_string() };
        let request = Request { scopes: scopes.join(" "), metadata };
        let slot = self.slot(&request, now);
        // Whoever gives up leaves the call to the next who waits.
        let token = slot.token.get_or_init(|| ask(client, &request, now)).await;
        token.as_ref().map(|(token, _)| Arc::clone(token)).map_err(ClientError::clone)
    }

    /// The present slot of this request, unless its token is no longer good.
    fn slot(&self, request: &Request, now: UnixSeconds) -> Arc<Slot> {
        let is_good = |slot: &Arc<Slot>| match slot.token.get() {
            Some(Ok((token, lifetime))) => token.is_good(now, *lifetime),
            Some(Err(_)) => false,
            None => true,
        };
        let mut sets = self.lock();
        if let Some(slot) = sets.get(request).filter(|slot| is_good(slot)) {
            return Arc::clone(slot);
        }
        if sets.len() >= MAX_SETS {
            sets.clear();
        }
        let slot = Arc::new(Slot::default());
        sets.insert(request.clone(), Arc::clone(&slot));
        slot
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Request, Arc<Slot>>> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(
    client: &Endpoints,
    request: &Request,
    now: UnixSeconds,
) -> Result<(Arc<ClientToken>, u64), ClientError> {
    let issued = client.client_credentials(&request.scopes, &request.metadata).await?;
    let lifetime = issued.expires_in.unwrap_or(DEFAULT_LIFETIME);
    let expires_at = now.plus(lifetime);
    Ok((Arc::new(ClientToken { access_token: issued.access_token, expires_at }), lifetime))
}
