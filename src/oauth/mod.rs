//! OAuth 2.1 with Cognito: the login attempt, and the client for its endpoints.

mod answer;
mod attempt;
mod authorization_request;
mod client;
mod exchange;
mod reauthentication;

pub(crate) use answer::{EndpointError, Tokens};
#[cfg(any(test, fuzzing))]
pub(crate) use answer::{Wanted, refusal, tokens};
pub(crate) use attempt::{Attempt, AttemptError, Attempts, MAX_AGE, SealError, StateHash, challenge};
pub(crate) use authorization_request::{AuthorizationRequest, HINTS, RequestError};
pub(crate) use client::{Begun, Client, Code};
pub(crate) use exchange::{Exchanges, Turn, result_of};
pub(crate) use reauthentication::{NotFresh, Reauthentication};
