//! Which tokens a client may exchange.

use serde::Deserialize;

/// Which tokens an app client may exchange for others (RFC 8693), as by Cognito's `ALLOW_TOKEN_EXCHANGE_IMPERSONATION` and
/// `ALLOW_TOKEN_EXCHANGE_DELEGATION`: for [`LocalClient::token_exchange`](super::LocalClient::token_exchange).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LocalTokenExchange {
    /// Tokens of people, without an actor's token: nothing but `client_id` shows who has exchanged one.
    Impersonation,
    /// Tokens of people together with an actor's token, which `act` then names.
    Delegation,
    /// Both.
    Both,
}

impl LocalTokenExchange {
    /// Whether this allows an exchange with or without an actor's token.
    pub(in crate::local_pool) fn allows(self, has_actor: bool) -> bool {
        match self {
            LocalTokenExchange::Impersonation => !has_actor,
            LocalTokenExchange::Delegation => has_actor,
            LocalTokenExchange::Both => true,
        }
    }
}
