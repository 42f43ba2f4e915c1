//! The grants that refresh tokens stand for, and the end of sign-ins.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::changes::Changes;
use super::expiring_map::{ExpiringMap, SavedEntry};
use super::grant::Grant;
use super::moment::Moment;
use crate::clock::UnixSeconds;
use crate::token::uuid;

const REFRESH_TOKENS: usize = 10_000;

pub(crate) struct Grants {
    pub(crate) refresh_tokens: ExpiringMap<Grant>,
    /// By `origin_jti`, for as long as access tokens of theirs may be out.
    revoked_sign_ins: ExpiringMap<()>,
}

impl Grants {
    /// `lifetime` is that of refresh tokens, and `access_token_lifetime` the longest one of access tokens.
    pub(super) fn new(lifetime: Duration, access_token_lifetime: Duration) -> Self {
        Grants {
            refresh_tokens: ExpiringMap::new(lifetime, REFRESH_TOKENS),
            revoked_sign_ins: ExpiringMap::new(access_token_lifetime, REFRESH_TOKENS),
        }
    }

    /// Notes its changes there.
    pub(super) fn noting(self, changes: &Changes) -> Self {
        Grants {
            refresh_tokens: self.refresh_tokens.noting(changes),
            revoked_sign_ins: self.revoked_sign_ins.noting(changes),
        }
    }

    /// Puts in what a state file has of refresh tokens and revoked sign-ins.
    pub(super) fn restore(
        &self,
        refresh_tokens: Vec<SavedEntry<Grant>>,
        revoked_sign_ins: Vec<SavedEntry<()>>,
        now: Moment,
    ) {
        self.refresh_tokens.restore(refresh_tokens, now);
        self.revoked_sign_ins.restore(revoked_sign_ins, now);
    }

    /// The revoked sign-ins, for a state file.
    pub(super) fn saved_revocations(&self, now: Moment) -> Vec<SavedEntry<()>> {
        self.revoked_sign_ins.saved(now)
    }

    /// Whether the access tokens of this sign-in count no more.
    pub(crate) fn is_revoked(&self, origin_jti: &str) -> bool {
        self.revoked_sign_ins.get(origin_jti, Instant::now()).is_some()
    }

    /// Ends the sign-ins of these grants: with their refresh tokens, and their access tokens as far as the pool sees them.
    pub(crate) fn end_sign_ins(&self, ended: impl Fn(&Grant) -> bool) {
        for grant in self.refresh_tokens.remove_all(ended) {
            self.revoked_sign_ins.insert(&grant.origin_jti, (), Instant::now());
        }
    }

    /// Ends this sign-in, even if no refresh token is left of it.
    pub(crate) fn end_sign_in(&self, origin_jti: &str) {
        self.revoked_sign_ins.insert(origin_jti, (), Instant::now());
        self.refresh_tokens.remove_all(|grant| grant.origin_jti == origin_jti);
    }

    /// Ends the access tokens of a user that are out, as far as the pool sees them. Refreshes go on under a new
    /// `origin_jti`.
    pub(crate) fn end_access_tokens(&self, username: &str) {
        let mut successors = HashMap::new();
        self.refresh_tokens.change_all(|grant| {
            if grant.username == username {
                let successor: &String = successors.entry(grant.origin_jti.clone()).or_insert_with(uuid);
                grant.origin_jti.clone_from(successor);
            }
        });
        for origin in successors.keys() {
            self.revoked_sign_ins.insert(origin, (), Instant::now());
        }
    }

    /// Ends the token sessions of a user that were used least recently, as far as there are more than `most`.
    pub(super) fn evict(&self, username: &str, most: usize) {
        let mut last_uses = HashMap::new();
        for grant in self.refresh_tokens.all(Instant::now()) {
            if grant.username == username {
                last_uses.insert(grant.origin_jti, grant.last_use);
            }
        }
        let mut origins: Vec<_> = last_uses.into_iter().collect();
        origins.sort_unstable_by_key(|(_, last_use)| Reverse(*last_use));
        let evicted: HashSet<_> = origins.into_iter().skip(most).map(|(origin, _)| origin).collect();
        self.end_sign_ins(|grant| evicted.contains(&grant.origin_jti));
    }

    /// Notes that the token session of this sign-in is in use.
    pub(super) fn note_use(&self, origin_jti: &str, active: UnixSeconds, last_use: u64) {
        self.refresh_tokens.change_all(|grant| {
            if grant.origin_jti == origin_jti {
                (grant.last_active, grant.last_use) = (active, last_use);
            }
        });
    }
}
