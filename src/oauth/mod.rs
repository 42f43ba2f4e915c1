//! OAuth 2.1 with Cognito: what is asked of its endpoints, and what they answer.

mod authorization_error;
mod authorization_request;
mod calls;
mod client_secret;
mod client_secrets;
mod endpoints;
mod hint_setters;
mod known_secrets;
mod own_token;
mod parameters;
mod pkce;
mod refresh_calls;
mod response;
mod secret_file;
mod token_exchange;
mod user_api;

pub(crate) use self::authorization_error::AuthorizationError;
pub(crate) use self::authorization_request::{AuthorizationRequest, HINTS, RequestError};
pub(crate) use self::endpoints::{Endpoints, ExchangeLeave, RefreshLeave};
pub(crate) use self::hint_setters::hint_setters;
pub(crate) use self::parameters::{AuthorizationParameters, CodeGrant, Domains};
pub(crate) use self::pkce::challenge;
#[cfg(any(test, fuzzing, feature = "testing"))]
pub(crate) use self::response::tokens;
#[cfg(any(test, fuzzing))]
pub(crate) use self::response::{EndpointCall, refusal};
pub(crate) use self::response::{EndpointError, TokenResponse};
#[cfg(feature = "local-pool")]
pub(crate) use self::token_exchange::TOKEN_EXCHANGE;
pub(crate) use self::token_exchange::{ExchangeGrant, TokenType};
