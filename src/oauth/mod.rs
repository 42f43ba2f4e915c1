//! OAuth 2.1 with Cognito: the login attempt, and the client for its endpoints.

mod attempt;
mod client;
mod exchange;

pub(crate) use attempt::{Attempt, AttemptError, Attempts, MAX_AGE, StateHash};
pub(crate) use client::{Client, LoginHints, TokenEndpointError, Tokens};
#[cfg(any(test, fuzzing))]
pub(crate) use client::{refusal, tokens};
pub(crate) use exchange::{Exchanges, Turn, result_of};
