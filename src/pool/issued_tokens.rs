//! Tokens that the pool has just handed over, verified.

use std::sync::Arc;

use super::user_pool::UserPool;
use crate::clock::UnixSeconds;
use crate::oauth::TokenResponse;
use crate::telemetry::{Event, RefusedToken, emit};
use crate::token::{
    Expectations, KeysUnavailable, SetUpFault, TokenError, TokenUse, VerifiedToken, Verifier,
};

/// The access and ID token of one answer, verified.
pub(crate) struct IssuedTokens {
    pub(crate) access: Arc<VerifiedToken>,
    pub(crate) id: Option<Arc<VerifiedToken>>,
}

/// Why tokens fresh from the pool are rejected.
pub(crate) enum TokensRejected {
    /// Nobody can tell: the pool's keys are not there.
    KeysUnavailable,
    /// Nor can they by the keys that are there.
    UnknownKey,
    /// The settings, or this machine's clock, are wrong.
    SetUp(SetUpFault),
    Token(TokenError),
}

impl IssuedTokens {
    /// Verifies tokens that the pool has just handed over, which is worth a fetch of its keys at any time.
    pub(crate) async fn verify(
        pool: &UserPool,
        tokens: &TokenResponse,
        now: UnixSeconds,
    ) -> Result<Self, TokensRejected> {
        let verifier = pool.verifier();
        let expected = pool.expected_of_session(TokenUse::Access);
        let access = verify(verifier, &expected, tokens.access_token.expose(), now).await?;
        let expected = pool.expected_of_session(TokenUse::Id);
        let id = match &tokens.id_token {
            Some(token) => Some(verify(verifier, &expected, token.expose(), now).await?),
            None => None,
        };
        if let Some(id) = &id {
            id.check_belongs_to(&access).map_err(TokensRejected::Token)?;
        }
        Ok(IssuedTokens { access, id })
    }
}

impl TokensRejected {
    /// Whether the tokens are somebody else's, or of another session. All other trouble may pass: keys come, clocks are
    /// set right, and tokens that have grown too large shrink again.
    pub(crate) fn is_of_another(&self) -> bool {
        use TokenError::{Audience, Client, Delegated, Issuer, Mismatch, Older, Signature, Subject, Use};
        let error = match self {
            TokensRejected::KeysUnavailable | TokensRejected::UnknownKey => return false,
            TokensRejected::SetUp(fault) => fault.error,
            TokensRejected::Token(error) => *error,
        };
        matches!(error, Audience | Client | Delegated | Issuer | Mismatch | Older | Signature | Subject | Use)
    }

    /// Tells the operator, if there is more to it than missing keys, which is told elsewhere.
    pub(crate) fn report(&self, token: RefusedToken) {
        match self {
            TokensRejected::KeysUnavailable => {}
            TokensRejected::UnknownKey => emit(Event::TokenContradictsSetUp {
                token,
                reason: "it is signed with a key that is not among the pool's",
                remedy: "if this goes on, check `user_pool_id`, or, where they are set, `jwks`, `jwks_uri` and `issuer`",
            }),
            TokensRejected::SetUp(SetUpFault { reason, remedy, .. }) => {
                emit(Event::TokenContradictsSetUp { token, reason, remedy });
            }
            TokensRejected::Token(error) => {
                emit(Event::TokenRefused { token, reason: error, cause: error.text() });
            }
        }
    }
}

async fn verify(
    verifier: &Verifier,
    expected: &Expectations<'_>,
    token: &str,
    now: UnixSeconds,
) -> Result<Arc<VerifiedToken>, TokensRejected> {
    let mut result = verifier.verify(token, expected, now).await;
    if matches!(result, Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable)) {
        let _ = verifier.jwks().refresh().await;
        result = verifier.verify(token, expected, now).await;
    }
    let rejected = |error| match SetUpFault::of(error, token, expected, now) {
        Some(fault) => TokensRejected::SetUp(fault),
        None => TokensRejected::Token(error),
    };
    match result {
        Err(KeysUnavailable) => Err(TokensRejected::KeysUnavailable),
        Ok(Err(TokenError::UnknownKey)) => Err(TokensRejected::UnknownKey),
        // Within the leeway it would still count, but no cookie holds it: a browser would go round in circles.
        Ok(Ok(token)) if expected.check_expiration && token.claims.exp <= now => {
            Err(rejected(TokenError::Expired))
        }
        Ok(result) => result.map_err(rejected),
    }
}
