//! Whom a session is of.

use super::pool_handle::PoolHandle;
use crate::app::App;
use crate::clock::UnixSeconds;
use crate::token::MintedTokens;

/// Whom a session is of, as far as it is issued from that.
pub(super) trait Subject: Send + Sync {
    fn pool(&self) -> &PoolHandle;

    /// The name by which the pool knows the person.
    fn username(&self) -> String;

    /// Tokens for `app` of a sign-in that is completed `at` this time.
    fn tokens(&self, app: &App, at: UnixSeconds) -> MintedTokens;

    /// Whether the session is to be over, in a browser that has it still.
    fn is_expired(&self) -> bool;
}
