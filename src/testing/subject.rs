//! Whom a session is of.

use super::app_facts::AppFacts;
use crate::clock::UnixSeconds;
use crate::token::MintedTokens;

/// Whom a session is of, as far as it is issued and refreshed from that.
pub(super) trait Subject: Send + Sync {
    /// The name by which the pool knows the person.
    fn username(&self) -> String;

    /// Tokens for `app` of the sign-in `origin_jti`.
    fn tokens(
        &self,
        app: &AppFacts,
        origin_jti: &str,
        signed_in_at: UnixSeconds,
        issued_at: UnixSeconds,
    ) -> MintedTokens;

    /// Whether the session is to be over, in a browser that has it still.
    fn is_expired(&self) -> bool;
}
