//! An embedded Cognito user pool for development and tests.
//!
//! The pool is a real HTTP server on `127.0.0.1` that behaves as Cognito does, in words and status
//! codes, and refuses what Cognito would refuse. `local_pool = true` in `[debug.cognito]` starts
//! it with the app, where `rocket.state::<LocalPool>()` then finds it; [`LocalPool::start`] starts one
//! by hand, in a test; the program `cognito-local-pool` runs one for apps in any language.
//!
//! Its page at `/` lists users and clients, and what an app needs in its settings. On the sign-in page people choose a
//! user, enter a password, sign up, or come from another identity provider, and end a sign-in with an error that a provider,
//! a trigger or Cognito sends.
//!
//! # Example
//! ```rust
//! # rocket::async_test(async {
//! use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig, LocalUser};
//!
//! let client = LocalClient::new("shop").secret("s3cret").callback_url("http://localhost:8000/auth/callback");
//! let config = LocalPoolConfig::default().port(0).user(LocalUser::new("dave").group("admin")).client(client);
//! let pool = LocalPool::start(config).await?;
//!
//! let tokens = pool.sign_in("dave", "shop").expect("dave and shop are in the pool");
//! assert_eq!(tokens.access_token.split('.').count(), 3);
//! pool.stop().await;
//! # Ok::<(), rocket_cognito::Error>(())
//! # }).unwrap();
//! ```
//!
#![doc = include_str!("../../docs/local-pool-api.md")]

mod api;
mod config;
mod endpoint;
mod fault;
mod local_pool;
mod open;
mod server;
mod state;
mod state_file;
mod state_writer;

pub(crate) use self::config::USUAL_PORT;
pub use self::config::{
    Factor, LocalClient, LocalIdentity, LocalIdentityProvider, LocalLevels, LocalPoolConfig,
    LocalRegistration, LocalSessions, LocalTokenExchange, LocalTrigger, LocalUser,
};
pub use self::fault::{Failure, Hold};
pub use self::local_pool::LocalPool;
pub use self::state::LocalTokens;
