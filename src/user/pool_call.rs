//! What a user calls the pool with.

use std::sync::Arc;

use crate::oauth::Endpoints;
use crate::pool::ClientError;

/// What a user calls the pool with: their own access token, and where to.
pub(super) struct PoolCall<'u> {
    pub(super) access_token: &'u str,
    pub(super) endpoints: &'u Arc<Endpoints>,
}

/// The scope of calls about the own account.
const OWN_ACCOUNT: &str = "aws.cognito.signin.user.admin";

impl<'u> PoolCall<'u> {
    pub(super) fn new(
        access_token: Option<&'u str>,
        endpoints: Option<&'u Arc<Endpoints>>,
    ) -> Result<Self, ClientError> {
        let access_token = access_token.ok_or_else(|| {
            let reason =
                "there is no access token of a person, but an ID token, the token of a machine, or none";
            ClientError::misconfigured(reason, "ask with the access token of a person")
        })?;
        let endpoints =
            endpoints.ok_or_else(|| ClientError::misconfigured("`domain` is not set", "set it"))?;
        Ok(PoolCall { access_token, endpoints })
    }

    /// Itself, where the token's `scopes` allow calls about the own account.
    pub(super) fn with_scope(self, scopes: Option<&str>) -> Result<Self, ClientError> {
        let has_it = scopes.is_some_and(|scopes| scopes.split(' ').any(|scope| scope == OWN_ACCOUNT));
        has_it.then_some(self).ok_or_else(|| {
            ClientError::misconfigured(
                "the access token lacks the scope `aws.cognito.signin.user.admin`",
                "put it into `scopes`, allow it to the app client, and sign in again",
            )
        })
    }
}
