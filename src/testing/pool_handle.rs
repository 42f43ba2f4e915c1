//! What a pool and its people share.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rocket::http::Cookie;
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
/// Cookies that are remembered at once.
const MAX_COOKIES: usize = 10_000;

/// The clock of a pool, its refresh tokens, and the cookies of its sessions. Clones are of the same pool.
#[derive(Clone)]
pub(super) struct PoolHandle {
    pub(super) clock: Clock,
    grants: Arc<Mutex<BoundedMap<String, Grant>>>,
    /// By the hashes of their names and values.
    cookies: Arc<Mutex<BoundedMap<u64, ()>>>,
    hasher: RandomState,
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

    /// Notes cookies by which an answer has changed a session: a client that tracks cookies sends them from then on,
    /// whoever asks.
    pub(super) fn note(&self, cookies: impl Iterator<Item = Cookie<'static>>) {
        let now = self.clock.instant();
        let mut noted = self.cookies();
        cookies.for_each(|cookie| noted.insert(self.hash(&cookie), (), now));
        drop(noted.evict(now, |_, _| false));
    }

    /// Whether an answer has changed a session by this cookie.
    pub(super) fn has_noted(&self, cookie: &Cookie<'_>) -> bool {
        self.cookies().get(&self.hash(cookie)).is_some()
    }

    fn hash(&self, cookie: &Cookie<'_>) -> u64 {
        self.hasher.hash_one((cookie.name(), cookie.value()))
    }

    fn cookies(&self) -> MutexGuard<'_, BoundedMap<u64, ()>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
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
            cookies: Arc::new(Mutex::new(BoundedMap::new(MAX_COOKIES, MAX_AGE))),
            hasher: RandomState::new(),
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
