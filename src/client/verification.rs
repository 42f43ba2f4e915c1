//! Whom a token is of, by the checks that guards make.

use std::time::SystemTime;

use super::cognito_client::{CognitoClient, seconds};
use crate::pool::ClientError;
use crate::token::{Expected, TokenError, TokenUse};
use crate::user::CognitoUser;

impl CognitoClient {
    /// Whom an access token is of, if it counts: every check that a guard makes. It may be a
    /// [machine's](CognitoUser::is_machine).
    ///
    /// # Errors
    /// [`is_invalid_token`](ClientError::is_invalid_token), [`is_unavailable`](ClientError::is_unavailable).
    pub async fn verify_access_token(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<CognitoUser, ClientError> {
        let expected =
            Expected { token_use: Some(TokenUse::Access), ..Expected::of_bearer(&self.inner.settings) };
        self.verify(token, &expected, now).await
    }

    /// Whom an ID token is of, if it counts. With a `nonce` it has to answer the sign-in that sent it; without one,
    /// whatever nonce there is does not matter (Cognito sends one unasked for federated users).
    ///
    /// # Errors
    /// [`is_invalid_token`](ClientError::is_invalid_token), [`is_unavailable`](ClientError::is_unavailable).
    pub async fn verify_id_token(
        &self,
        token: &str,
        nonce: Option<&str>,
        now: SystemTime,
    ) -> Result<CognitoUser, ClientError> {
        let expected =
            Expected { token_use: Some(TokenUse::Id), ..Expected::of_bearer(&self.inner.settings) };
        let user = self.verify(token, &expected, now).await?;
        match nonce.is_none_or(|nonce| user.has_nonce(nonce)) {
            true => Ok(user),
            false => Err(TokenError::Nonce.into()),
        }
    }

    async fn verify(
        &self,
        token: &str,
        expected: &Expected<'_>,
        now: SystemTime,
    ) -> Result<CognitoUser, ClientError> {
        self.check_enabled()?;
        let token = self.inner.verifier.verify_on_demand(token, expected, seconds(now)).await??;
        Ok(CognitoUser::from_bearer(token, self.inner.client.clone()))
    }
}
