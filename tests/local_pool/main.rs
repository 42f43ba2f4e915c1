//! The embedded local pool over real HTTP, judged by what Cognito is known to do.

mod authorize;
mod browser;
mod cross_origin;
mod failure;
mod machine;
mod pages;
mod pool;
#[cfg(feature = "local-pool")]
mod ports;
#[cfg(feature = "local-pool")]
mod program;
mod resource;
mod revoke;
mod rotation;
#[path = "../support/mod.rs"]
mod support;
mod token;
mod user_info;
mod users;
