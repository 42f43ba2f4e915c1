//! What a client needs that gets a token by its secret, with nobody at a sign-in page.

use super::response::{EndpointCall, EndpointError};
use crate::config::ScopesOf;

/// Checks the client and the scopes that it asks for, which are separated by spaces.
pub(super) fn check_own_token(
    wanted: EndpointCall,
    has_secret: bool,
    scopes: &str,
    scopes_of: ScopesOf,
) -> Result<(), EndpointError> {
    let (reason, remedy) = match wanted {
        // Cognito may ignore it, and the token that comes has no refresh token.
        _ if scopes_of.lacks_offline_access(scopes) => (
            "`offline_access` is no scope of Cognito's",
            "leave it out: no refresh token comes with such a token",
        ),
        _ if has_secret => return Ok(()),
        EndpointCall::TokenExchange => (
            "a client without a secret exchanges no tokens",
            "set `client_secret`, of an app client that allows token exchange",
        ),
        _ => (
            "a client without a secret has no tokens of its own",
            "set `client_secret`, of an app client that allows the client credentials grant",
        ),
    };
    Err(EndpointError::Client { reason: reason.into(), remedy })
}
