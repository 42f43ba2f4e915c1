//! `CognitoClient` against a real pool over HTTP, and against endpoints that misbehave where the pool cannot.

mod authorization;
mod client_credentials;
mod client_secret_file;
mod client_secrets;
mod code_exchange;
mod in_an_app;
mod keys;
mod levels;
mod pool_sessions;
mod renewal;
mod sign_out;
#[path = "../support/mod.rs"]
mod support;
mod token_exchange;
mod user_info;
mod verification;
mod world;
