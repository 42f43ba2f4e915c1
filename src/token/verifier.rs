//! Judges tokens by the pool's keys, and remembers those that passed.

use std::sync::Arc;

use super::cache::VerifiedTokens;
use super::error::TokenError;
use super::expected::Expectations;
use super::jwks::{Jwks, KeysUnavailable};
use super::unverified::UnverifiedToken;
use super::verified::VerifiedToken;
use crate::clock::UnixSeconds;
use crate::config::{LevelNames, TokenCache};
use crate::telemetry::Counts;

/// What is said of one token; the outer error says that nobody can tell.
type Judgement = Result<Result<Arc<VerifiedToken>, TokenError>, KeysUnavailable>;

/// The pool's keys, and the tokens that they have verified.
pub(crate) struct Verifier {
    jwks: Arc<Jwks>,
    verified: VerifiedTokens,
    level_names: LevelNames,
    counts: Arc<Counts>,
}

impl Verifier {
    pub(crate) fn new(
        jwks: Arc<Jwks>,
        cache: TokenCache,
        level_names: LevelNames,
        counts: &Arc<Counts>,
    ) -> Self {
        let verified = VerifiedTokens::new(cache.entries, cache.bytes);
        Verifier { jwks, verified, level_names, counts: Arc::clone(counts) }
    }

    pub(crate) fn jwks(&self) -> &Arc<Jwks> {
        &self.jwks
    }

    /// How many tokens are remembered, and what they weigh against the settings' limit.
    pub(crate) fn remembered_tokens(&self) -> (usize, u64) {
        self.verified.len_and_bytes()
    }

    /// Judges a token completely: cheap checks, key, signature. Of one that was verified before, the time and everything
    /// that is expected are checked again, and that the pool still publishes its key.
    pub(crate) async fn verify(&self, jwt: &str, expected: &Expectations<'_>, now: UnixSeconds) -> Judgement {
        match self.remembered(jwt, expected, now) {
            Some(judgement) => Ok(judgement),
            None => self.verify_anew(jwt, expected, now).await,
        }
    }

    /// Judges a token that [`recall`](Self::recall) does not know.
    pub(crate) async fn verify_anew(
        &self,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Judgement {
        match self.by_present_keys(jwt, expected, now) {
            Ok(judgement) => Ok(judgement),
            // In a box of its own, so that the others' futures stay small.
            Err(candidate) => Box::pin(self.judge(*candidate, expected, now)).await,
        }
    }

    /// Judges a token as [`verify`](Self::verify) does, where no background task keeps the keys fresh: fetches
    /// them when that is due.
    pub(crate) async fn verify_on_demand(
        &self,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Judgement {
        // What does not count whatever the keys say causes no fetch.
        if let Some(token) = self.verified.get(jwt) {
            if let Err(error) = self.check(&token, expected, now) {
                return Ok(Err(error));
            }
            self.jwks.refresh_if_overdue().await;
            if !self.has_good_key(&token) {
                return self.verify_anew(jwt, expected, now).await;
            }
            self.counts.token_cache_hits.add();
            return Ok(Ok(token));
        }
        match UnverifiedToken::parse(jwt, expected, now) {
            Ok(candidate) => {
                self.jwks.refresh_if_overdue().await;
                self.judge(candidate, expected, now).await
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Whether the key that a token names is there.
    pub(crate) fn has_key(&self, jwt: &str) -> bool {
        jwt.split_once('.').is_some_and(|(header, _)| self.jwks.has_key_of(header))
    }

    /// Has the key of a token fetched that is to be verified later, if it is not there.
    pub(crate) async fn fetch_key(&self, jwt: &str, expected: &Expectations<'_>, now: UnixSeconds) {
        if let Ok(candidate) = UnverifiedToken::parse(jwt, expected, now) {
            let _ = self.jwks.key(candidate.kid()).await;
        }
    }

    /// The token, if it was verified before, and counts still.
    pub(crate) fn recall(
        &self,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Option<Arc<VerifiedToken>> {
        self.remembered(jwt, expected, now)?.ok()
    }

    /// Judges a token as [`verify`](Self::verify) does, by the keys that are there.
    pub(crate) fn verify_at_once(
        &self,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Option<Arc<VerifiedToken>> {
        match self.remembered(jwt, expected, now) {
            Some(judgement) => judgement.ok(),
            None => self.by_present_keys(jwt, expected, now).ok()?.ok(),
        }
    }

    /// What the keys that are there say; a candidate whose key is not among them comes back.
    fn by_present_keys<'j>(
        &self,
        jwt: &'j str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Result<Result<Arc<VerifiedToken>, TokenError>, Box<UnverifiedToken<'j>>> {
        let candidate = match UnverifiedToken::parse(jwt, expected, now) {
            Ok(candidate) => candidate,
            Err(error) => return Ok(Err(error)),
        };
        match self.jwks.present_key(candidate.kid()) {
            Some(key) => Ok(self.remember(candidate.verify(&key, &self.level_names), expected, now)),
            None => Err(Box::new(candidate)),
        }
    }

    async fn judge(
        &self,
        candidate: UnverifiedToken<'_>,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Judgement {
        Ok(match self.jwks.key(candidate.kid()).await? {
            Some(key) => self.remember(candidate.verify(&key, &self.level_names), expected, now),
            None => Err(TokenError::UnknownKey),
        })
    }

    fn remembered(
        &self,
        jwt: &str,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Option<Result<Arc<VerifiedToken>, TokenError>> {
        let token = self.verified.get(jwt).filter(|token| self.has_good_key(token))?;
        self.counts.token_cache_hits.add();
        Some(self.check(&token, expected, now).map(|()| token))
    }

    /// Whether the key of a remembered token is published and fresh enough; if not, the token is forgotten.
    fn has_good_key(&self, token: &VerifiedToken) -> bool {
        let is_good = self.jwks.is_trusted() && token.has_published_key();
        if !is_good {
            self.verified.remove(token.jwt());
        }
        is_good
    }

    /// What is expected of a remembered token, which is forgotten once it has expired.
    fn check(
        &self,
        token: &VerifiedToken,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Result<(), TokenError> {
        let checked = expected.check(&token.claims, now);
        if checked == Err(TokenError::Expired) {
            self.verified.remove(token.jwt());
        }
        checked
    }

    fn remember(
        &self,
        verified: Result<VerifiedToken, TokenError>,
        expected: &Expectations<'_>,
        now: UnixSeconds,
    ) -> Result<Arc<VerifiedToken>, TokenError> {
        self.counts.token_cache_misses.add();
        let token = Arc::new(verified?);
        // Where expiry is not checked, such as of a session that is to be renewed, it may have expired.
        if !expected.is_expired(&token.claims, now) {
            self.verified.insert(&token, |token| expected.is_expired(&token.claims, now));
        }
        Ok(token)
    }
}

#[cfg(test)]
mod tests;
