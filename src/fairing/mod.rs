//! The launch, and what spans each request.

mod cognito;
#[cfg(feature = "local-pool")]
mod local_pool;

pub use self::cognito::Cognito;
