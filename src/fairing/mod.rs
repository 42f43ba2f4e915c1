//! The launch, and what spans each request.

mod cognito;
mod launch;
#[cfg(feature = "local-pool")]
mod local_pool;

pub use self::cognito::Cognito;
