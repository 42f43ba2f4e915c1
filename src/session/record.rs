//! What is known of a session beside its access and ID token.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::clock::UnixSeconds;
use crate::crypto::{SecretText, base64url, serialize_exposed_option};

/// Whose session it is, since when, and the refresh token. It is kept sealed, bound to pool and client.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionRecord {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(crate) sub: String,
    pub(crate) session_id: String,
    /// When the user signed in.
    pub(crate) created_at: UnixSeconds,
    /// When the user last asked for anything, give or take a quarter of the time allowed between two requests.
    pub(crate) seen_at: UnixSeconds,
    /// How often the tokens have been refreshed.
    pub(crate) generation: u32,
    /// When the pool issued the present tokens.
    pub(crate) issued_at: UnixSeconds,
    #[serde(serialize_with = "serialize_exposed_option")]
    // It wipes itself.
    #[zeroize(skip)]
    pub(super) refresh_token: Option<SecretText>,
    /// Whether the cookies outlast the browser's own session, where the sign-in said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) is_persistent: Option<bool>,
    /// The digest of a refresh token that is kept beside this record.
    #[serde(serialize_with = "serialize_exposed_option")]
    #[zeroize(skip)]
    pub(super) refresh_token_digest: Option<SecretText>,
}

impl SessionRecord {
    /// The record of a session of `sub` that begins now.
    pub(super) fn begin(
        issuer: &str,
        client_id: &str,
        sub: &str,
        refresh_token: Option<&SecretText>,
        issued_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Self {
        SessionRecord {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            sub: sub.to_owned(),
            session_id: base64url::<32>(),
            created_at: now,
            seen_at: now,
            generation: 0,
            issued_at,
            refresh_token: refresh_token.cloned(),
            is_persistent: None,
            refresh_token_digest: None,
        }
    }

    pub(crate) fn refresh_token(&self) -> Option<&SecretText> {
        self.refresh_token.as_ref()
    }

    /// The record with tokens issued at `issued_at`, and another refresh token if the pool sent one (RFC 6749
    /// section 6).
    pub(crate) fn refreshed(
        &self,
        refresh_token: Option<&SecretText>,
        issued_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Self {
        let mut record = self.clone();
        record.generation = record.generation.saturating_add(1);
        record.issued_at = issued_at;
        record.seen_at = now;
        if let Some(token) = refresh_token {
            record.refresh_token = Some(token.clone());
        }
        record
    }

    /// The record of a user who has been seen `now`.
    pub(crate) fn seen(&self, now: UnixSeconds) -> Self {
        let mut record = self.clone();
        record.seen_at = now;
        record
    }

    /// The record without its refresh token.
    pub(super) fn without_refresh_token(&self) -> Self {
        let mut record = self.clone();
        record.refresh_token = None;
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixSeconds = UnixSeconds(1_000);

    fn begin(refresh_token: Option<&SecretText>) -> SessionRecord {
        SessionRecord::begin("https://pool.example", "shop", "sub", refresh_token, START, START)
    }

    fn refresh_token(record: &SessionRecord) -> Option<&str> {
        record.refresh_token().map(SecretText::expose)
    }

    /// F4, F5.
    #[test]
    fn a_renewal_counts_on_and_takes_a_new_refresh_token_where_there_is_one() {
        let (token, other) = ("first".to_owned().into(), "second".to_owned().into());
        let record = begin(Some(&token));
        let (first, second) = (START.plus(300), START.plus(600));
        let once = record.refreshed(None, first, first.plus(10));
        let renewed = once.refreshed(Some(&other), second, second.plus(10));
        assert_eq!((refresh_token(&record), refresh_token(&renewed)), (Some("first"), Some("second")));
        assert_eq!((renewed.generation, renewed.issued_at, renewed.seen_at), (2, second, second.plus(10)));
        assert_eq!((&renewed.session_id, renewed.created_at), (&record.session_id, START));
        assert_eq!(refresh_token(&once), Some("first"));
    }

    /// S1: 256 bits, and never the same.
    #[test]
    fn every_session_has_its_own_long_name() {
        let names: Vec<_> = (0..100).map(|_| begin(None).session_id.clone()).collect();
        assert!(names.iter().all(|name| name.len() == 43));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), 100);
    }
}
