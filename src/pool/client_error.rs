//! Why a call to the pool, or the check of a token, did not succeed.

use std::fmt;
use std::time::Duration;

use super::issued_tokens::TokensRejected;
use crate::oauth::EndpointError;
use crate::token::{KeysUnavailable, SetUpFault, TokenError};

/// Why a [`CognitoClient`](crate::client::CognitoClient) did not do what it was asked for. Its text is for the log: it
/// tells the cause, and contains no token, code or secret.
///
/// | question | when | what to do |
/// |---|---|---|
/// | [`is_invalid_grant`](Self::is_invalid_grant) | code, refresh token or access token is used up, expired, revoked, or not this client's | sign in again; after an exchange, read the text too |
/// | [`is_invalid_token`](Self::is_invalid_token) | a token does not pass the checks | 401 |
/// | [`is_insufficient_sign_in`](Self::is_insufficient_sign_in) | a sign-in is at a lower level, or older, than was asked for | 403 |
/// | [`is_unavailable`](Self::is_unavailable) | the pool is down, slow, throttling, or there are no keys | 503, and try later |
/// | [`is_misconfigured`](Self::is_misconfigured) | settings, the app client or this machine's clock are wrong | read the text, and correct it |
///
/// # Example
/// ```rust,no_run
/// use std::time::SystemTime;
/// use rocket_cognito::client::CognitoClient;
///
/// # async fn f(client: CognitoClient) {
/// match client.refresh("the refresh token", SystemTime::now()).await {
///     Ok(tokens) => println!("good until {:?}", tokens.expires_at()),
///     Err(error) if error.is_invalid_grant() => println!("sign in again"),
///     Err(error) => eprintln!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ClientError {
    kind: ClientErrorKind,
}

#[derive(Debug, Clone)]
enum ClientErrorKind {
    /// With what the pool said, where its word has several meanings.
    Grant(EndpointError),
    Token(TokenError),
    WeakSignIn,
    Unavailable {
        reason: String,
        retry_after: Option<Duration>,
    },
    Misconfigured {
        reason: String,
        remedy: &'static str,
    },
}

impl ClientError {
    /// Whether the pool does not accept the code or token: OAuth's `invalid_grant` (RFC 6749 section 5.2), and
    /// `invalid_token` of userInfo (RFC 6750 section 3.1).
    #[must_use]
    pub fn is_invalid_grant(&self) -> bool {
        matches!(self.kind, ClientErrorKind::Grant(_))
    }

    /// Whether a token was judged here, and does not count: forged, expired, or of another pool, client or sign-in.
    #[must_use]
    pub fn is_invalid_token(&self) -> bool {
        matches!(self.kind, ClientErrorKind::Token(_))
    }

    /// Whether a sign-in is at a lower level, or older, than was asked for with
    /// [`SignInRequest::level`](crate::client::SignInRequest::level) or
    /// [`max_age`](crate::client::SignInRequest::max_age).
    #[must_use]
    pub fn is_insufficient_sign_in(&self) -> bool {
        matches!(self.kind, ClientErrorKind::WeakSignIn)
    }

    /// Whether trying again later may help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self.kind, ClientErrorKind::Unavailable { .. })
    }

    /// Whether settings, or the app client at Cognito, have to be corrected; the text says how.
    #[must_use]
    pub fn is_misconfigured(&self) -> bool {
        matches!(self.kind, ClientErrorKind::Misconfigured { .. })
    }

    /// When to try again, where the pool says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            ClientErrorKind::Unavailable { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    pub(crate) fn misconfigured(reason: impl Into<String>, remedy: &'static str) -> Self {
        ClientError { kind: ClientErrorKind::Misconfigured { reason: reason.into(), remedy } }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        ClientError { kind: ClientErrorKind::Unavailable { reason: reason.into(), retry_after: None } }
    }
}

impl From<EndpointError> for ClientError {
    fn from(error: EndpointError) -> Self {
        let kind = match error {
            error @ (EndpointError::Grant | EndpointError::NotExchanged { .. }) => {
                ClientErrorKind::Grant(error)
            }
            EndpointError::Client { reason, remedy } => ClientErrorKind::Misconfigured { reason, remedy },
            EndpointError::Unavailable { reason, retry_after } => {
                ClientErrorKind::Unavailable { reason, retry_after }
            }
            busy @ EndpointError::Busy => {
                ClientErrorKind::Unavailable { reason: busy.to_string(), retry_after: None }
            }
        };
        ClientError { kind }
    }
}

impl From<TokenError> for ClientError {
    fn from(error: TokenError) -> Self {
        let kind = match error {
            TokenError::WeakSignIn => ClientErrorKind::WeakSignIn,
            error => ClientErrorKind::Token(error),
        };
        ClientError { kind }
    }
}

impl From<KeysUnavailable> for ClientError {
    fn from(_: KeysUnavailable) -> Self {
        ClientError::unavailable("the pool's public keys could not be fetched")
    }
}

impl From<TokensRejected> for ClientError {
    fn from(reason: TokensRejected) -> Self {
        match reason {
            TokensRejected::KeysUnavailable | TokensRejected::UnknownKey => KeysUnavailable.into(),
            TokensRejected::SetUp(SetUpFault { reason, remedy, .. }) => {
                ClientError::misconfigured(format!("a token of the pool does not count: {reason}"), remedy)
            }
            TokensRejected::Token(error) => error.into(),
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ClientErrorKind::Grant(error) => error.fmt(f),
            ClientErrorKind::WeakSignIn => write!(f, "the token does not count: {}", TokenError::WeakSignIn),
            ClientErrorKind::Token(error) => write!(f, "the token does not count: {error}"),
            ClientErrorKind::Unavailable { reason, .. } => f.write_str(reason),
            ClientErrorKind::Misconfigured { reason, remedy } => write!(f, "{reason}: {remedy}"),
        }
    }
}

impl std::error::Error for ClientError {}
