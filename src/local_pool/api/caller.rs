//! The user whose access token is in a request.

use super::error::ApiError;
use super::members::Members;
use crate::local_pool::state::{API_SCOPE, Pool, Unusable, User, access_token};

/// A user who calls with an access token.
pub(super) struct Caller {
    pub(super) user: User,
    /// The sign-in that the token comes from.
    pub(super) origin_jti: String,
}

impl Caller {
    /// Who calls with the member `AccessToken`, which needs the scope `aws.cognito.signin.user.admin`.
    pub(super) fn of(pool: &Pool, request: Members<'_>) -> Result<Self, ApiError> {
        let token = request.required("AccessToken")?;
        let claims = access_token(pool, token, API_SCOPE).map_err(|unusable| {
            ApiError::not_authorized(match unusable {
                Unusable::Invalid => "Invalid Access Token",
                Unusable::Expired => "Access Token has expired",
                Unusable::LacksScope => "Access Token does not have required scopes",
                Unusable::Revoked => "Access Token has been revoked",
            })
        })?;
        let user = claims.username.and_then(|username| pool.users.get(&username));
        let user = user.filter(|user| user.sub == claims.sub).ok_or_else(ApiError::unknown_user)?;
        if user.disabled {
            return Err(ApiError::not_authorized("User is disabled."));
        }
        Ok(Caller { user, origin_jti: claims.origin_jti.unwrap_or_default() })
    }
}
