//! A session that the pool has just made or renewed, with its user.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OnceCell;

use crate::core::Core;
use crate::denial::Kind;
use crate::hooks::Verdict;
use crate::oauth::Tokens;
use crate::report;
use crate::session::{IssuedToken, NewSession, Record};
use crate::token::{KeysUnavailable, TokenError, TokenUse, VerifiedToken};
use crate::user::CognitoUser;

/// Tokens that hold, and what is written of them into cookies.
pub(crate) struct SignedIn {
    pub(crate) session: NewSession,
    /// `None` where a renewal's new tokens cannot be used.
    pub(crate) user: Option<CognitoUser>,
    /// Of the app's hook, which is asked once. `None` when it failed.
    pub(crate) verdict: OnceCell<Option<Verdict>>,
    /// Whether a browser has been given its cookies.
    has_begun: AtomicBool,
}

impl SignedIn {
    pub(crate) fn new(session: NewSession, user: Option<CognitoUser>) -> Self {
        SignedIn { session, user, verdict: OnceCell::new(), has_begun: AtomicBool::new(false) }
    }

    /// Some delivery of its callback is answered with its cookies.
    pub(crate) fn begin(&self) {
        self.has_begun.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    pub(crate) fn session_id(&self) -> &str {
        &self.session.record.session_id
    }
}

/// The access and ID token of one answer, verified.
pub(crate) struct IssuedTokens {
    pub(crate) access: VerifiedToken,
    pub(crate) id: Option<VerifiedToken>,
}

/// Why tokens fresh from the pool are not taken.
pub(crate) enum NotTaken {
    /// Nobody can tell: the pool's keys are not there.
    KeysUnavailable,
    Token(TokenError),
}

impl IssuedTokens {
    /// Verifies tokens that the pool has just handed over, which is worth a fetch of its keys at any time.
    pub(crate) async fn verify(core: &Core, tokens: &Tokens, now: u64) -> Result<Self, NotTaken> {
        let access = verify(core, &tokens.access_token, TokenUse::Access, now).await?;
        let id = match &tokens.id_token {
            Some(token) => Some(verify(core, token, TokenUse::Id, now).await?),
            None => None,
        };
        if let Some(id) = &id {
            id.check_belongs_to(&access).map_err(NotTaken::Token)?;
        }
        Ok(IssuedTokens { access, id })
    }

    /// The session that these tokens are of.
    pub(crate) fn signed_in(self, record: Record) -> SignedIn {
        let session =
            NewSession { access: Some(issued(&self.access)), id: self.id.as_ref().map(issued), record };
        SignedIn::new(session, Some(CognitoUser::from_session(self.access, self.id)))
    }
}

impl From<&NotTaken> for Kind {
    fn from(reason: &NotTaken) -> Self {
        match reason {
            NotTaken::KeysUnavailable => Kind::PoolUnavailable,
            // The pool's set-up makes it so, not this sign-in.
            NotTaken::Token(TokenError::TooLong) => Kind::SignInMisconfigured,
            NotTaken::Token(_) => Kind::TokensRefused,
        }
    }
}

impl NotTaken {
    /// Whether the tokens are somebody else's, or of another session. All other trouble may pass: keys come, clocks are
    /// set right, and tokens that have grown too large shrink again.
    pub(crate) fn is_of_another(&self) -> bool {
        use TokenError::{Client, Issuer, Mismatch, Older, Signature, Use};
        matches!(self, NotTaken::Token(Client | Issuer | Mismatch | Older | Signature | Use))
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

async fn verify(core: &Core, token: &str, token_use: TokenUse, now: u64) -> Result<VerifiedToken, NotTaken> {
    let expected = core.session_token(token_use);
    let mut result = core.jwks.verify(token, &expected, now).await;
    if matches!(result, Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable)) {
        let _ = core.jwks.refresh().await;
        result = core.jwks.verify(token, &expected, now).await;
    }
    match result {
        Ok(Err(TokenError::UnknownKey)) | Err(KeysUnavailable) => Err(NotTaken::KeysUnavailable),
        // Within the leeway it would still count, but no cookie holds it: a browser would go round in circles.
        Ok(Ok(token)) if token.claims.exp <= now => Err(NotTaken::Token(TokenError::Expired)),
        Ok(result) => result.map_err(NotTaken::Token),
    }
}

fn issued(token: &VerifiedToken) -> IssuedToken {
    IssuedToken {
        token: token.jwt().to_owned().into(),
        issued_at: token.claims.iat,
        expires_at: token.claims.exp,
    }
}
