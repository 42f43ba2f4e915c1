//! The embedded local pool over real HTTP, judged by what Cognito is known to do.

mod authorize;
mod failure;
mod machine;
mod pages;
mod pool;
mod resource;
mod revoke;
mod rotation;
mod support;
mod token;
mod user_info;
mod users;
