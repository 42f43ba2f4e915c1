//! OAuth 2.1 with Cognito: what is asked of its endpoints, and what they answer.

mod authorization_request;
mod endpoints;
mod pkce;
mod response;

pub(crate) use self::authorization_request::{AuthorizationRequest, HINTS, RequestError};
pub(crate) use self::endpoints::{Begun, Client, Code};
pub(crate) use self::pkce::challenge;
pub(crate) use self::response::{EndpointError, Tokens};
#[cfg(any(test, fuzzing))]
pub(crate) use self::response::{Wanted, refusal, tokens};
