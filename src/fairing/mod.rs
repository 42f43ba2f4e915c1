//! The launch, and what spans each request.

mod cognito;
mod ignite;
mod launch;
mod local_pool;

pub use self::cognito::Cognito;
