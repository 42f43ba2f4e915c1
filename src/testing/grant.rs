//! What a sign-in is refreshed from.

use std::sync::Arc;

use super::app_facts::AppFacts;
use super::person_facts::PersonFacts;
use crate::clock::UnixSeconds;
use crate::token::MintedTokens;

/// A sign-in, which a refresh repeats.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) person: Arc<PersonFacts>,
    pub(super) app: AppFacts,
    pub(super) origin_jti: String,
    pub(super) signed_in_at: UnixSeconds,
}

impl Grant {
    /// Tokens of this sign-in, issued at that time.
    pub(super) fn tokens(&self, issued_at: UnixSeconds) -> MintedTokens {
        self.person.tokens(&self.app, &self.origin_jti, self.signed_in_at, issued_at)
    }
}
