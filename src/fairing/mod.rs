//! The launch, and what spans each request.

mod checked_settings;
mod cognito;
mod count;
mod events;
mod ignite;
mod launch;
mod local_pool;
mod own_urls;
mod response;
mod uncaught;

pub use self::cognito::Cognito;
