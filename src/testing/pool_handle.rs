//! What a pool and its people share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::claims::LIFETIME_SECONDS;
use super::grant::Grant;
use crate::clock::Clock;
use crate::http::Offline;
use crate::sync::BoundedMap;
use crate::telemetry::{Event, emit};
use crate::token::refresh_token;

/// Sign-ins that are remembered at once, each for a year after its last refresh.
const MAX_GRANTS: usize = 10_000;
const MAX_AGE: Duration = Duration::from_secs(365 * 86_400);

/// The clock of a pool, and its refresh tokens. Clones are of the same pool.
#[derive(Clone)]
pub(super) struct PoolHandle {
    pub(super) clock: Clock,
    grants: Arc<Mutex<BoundedMap<String, Grant>>>,
}

impl PoolHandle {
    pub(super) fn is_same(&self, other: &PoolHandle) -> bool {
        Arc::ptr_eq(&self.grants, &other.grants)
    }

    /// A refresh token of this sign-in.
    pub(super) fn remember(&self, grant: Grant) -> String {
        let (token, now) = (refresh_token(), self.clock.instant());
        let mut grants = self.grants();
        grants.insert(token.clone(), grant, now);
        drop(grants.evict(now, |_, _| false));
        token
    }

    fn grants(&self) -> MutexGuard<'_, BoundedMap<String, Grant>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh(&self, token: &str) -> (u16, String) {
        let grant = self.grants().get(token).cloned();
        let Some(grant) = grant else { return (400, json!({ "error": "invalid_grant" }).to_string()) };
        let minted = grant.tokens(self.clock.now());
        let answer = json!({
            "access_token": minted.access_token,
            "id_token": minted.id_token,
            "expires_in": LIFETIME_SECONDS,
            "token_type": "Bearer",
        });
        (200, answer.to_string())
    }
}

impl Default for PoolHandle {
    fn default() -> Self {
        PoolHandle {
            clock: Clock::default(),
            grants: Arc::new(Mutex::new(BoundedMap::new(MAX_GRANTS, MAX_AGE))),
        }
    }
}

/// Sessions are refreshed and revoked as at Cognito; for all else there is nobody.
impl Offline for PoolHandle {
    fn answer(&self, form: Option<&[(&str, &str)]>) -> Option<(u16, String)> {
        let form = form.unwrap_or_default();
        let field = |wanted| form.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        match (field("grant_type"), field("refresh_token"), field("token")) {
            (Some("refresh_token"), Some(token), None) => Some(self.refresh(token)),
            (None, None, Some(token)) => {
                self.grants().remove(token);
                Some((200, String::new()))
            }
            _ => {
                emit(Event::TestPoolAsked);
                None
            }
        }
    }
}

/// No refresh token.
impl fmt::Debug for PoolHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolHandle").field("clock", &self.clock).finish_non_exhaustive()
    }
}
