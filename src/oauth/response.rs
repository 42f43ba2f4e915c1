//! What Cognito's endpoints answer: tokens, or why there are none.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

use crate::crypto::SecretText;
use crate::http::{HttpError, check_object};
use crate::telemetry::{CallResult, redacted};

/// A successful answer of the token endpoint (RFC 6749 section 5.1).
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: SecretText,
    /// Cognito sends one when the scopes include `openid`.
    pub(crate) id_token: Option<SecretText>,
    pub(crate) refresh_token: Option<SecretText>,
    /// The lifetime of the access token in seconds.
    #[serde(default, deserialize_with = "whole_seconds")]
    pub(crate) expires_in: Option<u64>,
    token_type: String,
    /// Tokens and an error at once are neither.
    error: Option<IgnoredAny>,
}

impl TokenResponse {
    fn is_bearer(&self) -> bool {
        self.token_type.eq_ignore_ascii_case("Bearer")
    }
}

/// What is not a number of seconds is as good as none: the token says when it expires.
fn whole_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(|value| value.as_u64())
}

#[derive(Deserialize)]
struct ErrorBody {
    error: String,
    error_description: Option<String>,
}

/// What was asked for, which decides what a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointCall {
    /// The tokens of a sign-in.
    UserTokens,
    /// A token of the client's own.
    ClientToken,
    Revocation,
    /// A token for another one.
    TokenExchange,
}

impl EndpointCall {
    /// The tokens of an answer, if it has those that were asked for.
    pub(super) fn tokens(self, body: &[u8]) -> Option<TokenResponse> {
        // An exchanged ID token is no bearer token (RFC 8693 section 2.2.1).
        let takes_other = self == EndpointCall::TokenExchange;
        response(body).filter(|tokens| tokens.is_bearer() || (takes_other && tokens.token_type == "N_A"))
    }
}

/// Why an endpoint did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EndpointError {
    /// The code, refresh token or access token is used up, expired, revoked, or not for this verifier.
    Grant,
    /// A token of an exchange is expired, revoked or not for this client; or the request is not of a form that the pool
    /// knows.
    NotExchanged { reason: String },
    /// The client is set up wrongly, here or at the pool.
    Client { reason: String, remedy: &'static str },
    /// The pool was not asked: too many calls are under way.
    Busy,
    /// The pool is down, slow, throttling, or answers nonsense.
    Unavailable { reason: String, retry_after: Option<Duration> },
}

#[cfg(any(test, fuzzing, feature = "testing"))]
pub(crate) fn tokens(body: &[u8]) -> Option<TokenResponse> {
    EndpointCall::UserTokens.tokens(body)
}

fn response(body: &[u8]) -> Option<TokenResponse> {
    let text = check_object(body).ok()?;
    let tokens: TokenResponse = serde_json::from_str(text).ok()?;
    tokens.error.is_none().then_some(tokens)
}

/// What a refusal says, for the log; without the `secrets`, should the pool repeat them.
pub(crate) fn refusal(wanted: EndpointCall, body: &[u8], status: u16, secrets: &[&str]) -> EndpointError {
    let refusal = check_object(body).ok().and_then(|text| serde_json::from_str::<ErrorBody>(text).ok());
    let Some(refusal) = refusal else {
        return unavailable(format_args!("it answered with status {status} and no OAuth error"));
    };
    let remedy = match refusal.error.as_str() {
        // Cognito answers so where a scope exists, and this client may not have it: there is no grant to be spent.
        "invalid_grant" if wanted == EndpointCall::ClientToken => {
            "allow the app client the scopes that are asked for: its login pages > \"Custom scopes\"; or ask for fewer"
        }
        "invalid_grant" => return EndpointError::Grant,
        "invalid_target" => {
            "ask for an audience or a resource that is the identifier of a resource server of the pool"
        }
        "server_error" | "temporarily_unavailable" | "slow_down" => {
            return unavailable(format_args!("it answered {}", redacted(&refusal.error)));
        }
        "invalid_client" => {
            "check `client_id` and `client_secret` against the app client; a client without a secret must have none here"
        }
        "unauthorized_client" if wanted == EndpointCall::ClientToken => {
            "check that the client allows the client credentials grant, which Cognito gives to clients with a secret and \
             without any other grant"
        }
        "unauthorized_client" | "unsupported_grant_type" if wanted == EndpointCall::TokenExchange => {
            "allow the app client token exchange: ALLOW_TOKEN_EXCHANGE_DELEGATION with an actor's token, and \
             ALLOW_TOKEN_EXCHANGE_IMPERSONATION without one"
        }
        "invalid_scope" if wanted == EndpointCall::ClientToken => {
            "check the names of the scopes: no resource server of the pool has one of them"
        }
        "invalid_scope" => {
            "check the scopes asked for against those of the app client: its login pages > \"Custom scopes\""
        }
        "unsupported_token_type" => "give the refresh token: access and ID tokens cannot be revoked",
        "invalid_request" if wanted == EndpointCall::Revocation => {
            "check that the token is this client's own, and that the client has token revocation enabled"
        }
        "unauthorized_client" => {
            "check that `redirect_url` stands among the client's allowed callback URLs letter for letter, and that \
             the client allows the authorization code grant and, for sessions that last, refresh tokens"
        }
        _ => "check the app client's settings",
    };
    let shown = |text: &str| {
        let secrets = secrets.iter().filter(|secret| !secret.is_empty());
        redacted(&secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]")))
    };
    let description =
        refusal.error_description.map(|text| format!(" ({})", shown(&text))).unwrap_or_default();
    let reason = format!("the pool answered {}{description}", shown(&refusal.error));
    // A subject's or an actor's token that does not count is an `invalid_request` too (RFC 8693 section 2.2.2).
    if wanted == EndpointCall::TokenExchange && refusal.error == "invalid_request" {
        return EndpointError::NotExchanged { reason };
    }
    EndpointError::Client { reason, remedy }
}

/// Whether the client's secret is what the pool refuses.
pub(super) fn is_invalid_client(body: &[u8]) -> bool {
    let refusal = check_object(body).ok().and_then(|text| serde_json::from_str::<ErrorBody>(text).ok());
    refusal.is_some_and(|refusal| refusal.error == "invalid_client")
}

pub(crate) fn unavailable(reason: impl fmt::Display) -> EndpointError {
    let reason = format!("the pool did not help: {reason}");
    EndpointError::Unavailable { reason, retry_after: None }
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndpointError::Grant => f.write_str("the pool does not accept the code or token any more"),
            EndpointError::NotExchanged { reason } => write!(
                f,
                "{reason}: the person's or the actor's token does not count any more, or, if all are refused so, the pool \
                 does not know the form of the request"
            ),
            EndpointError::Client { reason, .. } | EndpointError::Unavailable { reason, .. } => {
                f.write_str(reason)
            }
            EndpointError::Busy => f.write_str("too many calls to the pool are under way"),
        }
    }
}

impl EndpointError {
    pub(crate) fn no_user_info() -> Self {
        unavailable("its answer says nothing about a user")
    }

    /// As what the call counts.
    pub(super) fn call_result(&self) -> CallResult {
        match self {
            EndpointError::Grant | EndpointError::NotExchanged { .. } | EndpointError::Client { .. } => {
                CallResult::Refused
            }
            EndpointError::Busy | EndpointError::Unavailable { .. } => CallResult::Failed,
        }
    }

    /// The error with what the answer's `Retry-After` says.
    pub(crate) fn after(self, retry_after: Option<Duration>) -> Self {
        match self {
            EndpointError::Unavailable { reason, .. } => EndpointError::Unavailable { reason, retry_after },
            other => other,
        }
    }
}

impl From<HttpError> for EndpointError {
    fn from(error: HttpError) -> Self {
        unavailable(error)
    }
}
