//! Tokens that the pool has just handed over, verified.

use std::sync::Arc;

use crate::config::Settings;
use crate::oauth::Tokens;
use crate::telemetry::report;
use crate::token::{Expected, KeysUnavailable, TokenError, TokenUse, VerifiedToken, Verifier};

/// The access and ID token of one answer, verified.
pub(crate) struct IssuedTokens {
    pub(crate) access: Arc<VerifiedToken>,
    pub(crate) id: Option<Arc<VerifiedToken>>,
}

/// Why tokens fresh from the pool are not taken.
pub(crate) enum NotTaken {
    /// Nobody can tell: the pool's keys are not there.
    KeysUnavailable,
    Token(TokenError),
}

impl IssuedTokens {
    /// Verifies tokens that the pool has just handed over, which is worth a fetch of its keys at any time.
    pub(crate) async fn verify(
        verifier: &Verifier,
        settings: &Settings,
        tokens: &Tokens,
        now: u64,
    ) -> Result<Self, NotTaken> {
        let expected = |token_use| Expected::of_session(settings, token_use);
        let access = verify(verifier, &expected(TokenUse::Access), &tokens.access_token, now).await?;
        let id = match &tokens.id_token {
            Some(token) => Some(verify(verifier, &expected(TokenUse::Id), token, now).await?),
            None => None,
        };
        if let Some(id) = &id {
            id.check_belongs_to(&access).map_err(NotTaken::Token)?;
        }
        Ok(IssuedTokens { access, id })
    }
}

impl NotTaken {
    /// Whether the tokens are somebody else's, or of another session. All other trouble may pass: keys come, clocks are
    /// set right, and tokens that have grown too large shrink again.
    pub(crate) fn is_of_another(&self) -> bool {
        use TokenError::{Audience, Client, Issuer, Mismatch, Older, Signature, Subject, Use};
        matches!(
            self,
            NotTaken::Token(Audience | Client | Issuer | Mismatch | Older | Signature | Subject | Use)
        )
    }

    /// Tells the operator, if there is more to it than missing keys, which is told elsewhere.
    pub(crate) fn report(&self, what: &str) {
        match self {
            NotTaken::KeysUnavailable => {}
            // It has only just been issued.
            NotTaken::Token(TokenError::Expired) => {
                report::token_refused(what, "expired before it arrived; is this machine's clock right?");
            }
            NotTaken::Token(error) => report::token_refused(what, error),
        }
    }
}

async fn verify(
    verifier: &Verifier,
    expected: &Expected<'_>,
    token: &str,
    now: u64,
) -> Result<Arc<VerifiedToken>, NotTaken> {
    let mut result = verifier.verify(token, expected, now).await;
    if matches!(result, Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable)) {
        let _ = verifier.jwks().refresh().await;
        result = verifier.verify(token, expected, now).await;
    }
    match result {
        Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable) => Err(NotTaken::KeysUnavailable),
        // Within the leeway it would still count, but no cookie holds it: a browser would go round in circles.
        Ok(Ok(token)) if expected.check_expiration && token.claims.exp <= now => {
            Err(NotTaken::Token(TokenError::Expired))
        }
        Ok(result) => result.map_err(NotTaken::Token),
    }
}
