#![forbid(unsafe_code)]
#![deny(missing_docs)]
// Nightly, and for docs.rs alone: a badge at each item that a feature switches on.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::get_unwrap,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented
    )
)]
#![doc = include_str!("../README.md")]
//!
//! # All names by task
//!
//! | task | names |
//! |---|---|
//! | start | [`Cognito`], the fairing; [`Error`], why a launch is refused |
//! | guard a route | [`CognitoUser`], [`InGroups`], [`InAnyGroup`], [`Group`], [`Authorized`] with a [`policy`]; [`Machine`], [`Caller`], [`PersonOrAgent`]; [`BearerOnly`], [`SessionOnly`], [`OrForward`] |
//! | say whose bearer tokens count | [`BearerOnly`](BearerOnly#whose-tokens-count): `resource`, `accepted_client_ids = "any"`, `pool_metadata` |
//! | guard routes that are there already | [`guarded`] |
//! | load your own users | [`CurrentUser`], [`LoadUser`] |
//! | answer refusals | [`Denial`], [`catchers`], which are [`Catchers`], [`RedirectToLogin`] |
//! | read the log | [`log_codes`] |
//! | keep sessions on the server | [`store`]; [`Sessions`] lists and ends them, of which [`SessionInfo`] shows one |
//! | run a Redis for sessions | `sessions_in_redis`, with the feature `redis` |
//! | write routes of your own | [`Login`], [`Callback`], [`Refresh`], [`Logout`], and [`hooks`] for the mounted ones |
//! | describe an API in OpenAPI | [`openapi`] |
//! | work without Rocket | [`client`] |
//! | operate | [`operation`]: counters for Prometheus, health |
//! | test | `testing` with the feature of that name, [`Clock`]; `local_pool` with its feature |
//! | move over | [`moving_from_flask`] |

mod app;
pub mod client;
mod clock;
mod config;
mod crypto;
mod denial;
mod error;
mod fairing;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
mod http;
#[cfg(feature = "local-pool")]
pub mod local_pool;
mod oauth;
pub mod openapi;
pub mod operation;
pub mod policy;
mod pool;
mod request;
mod routes;
mod session;
mod sign_in;
pub mod store;
mod sync;
mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod user;

pub use self::clock::Clock;
pub use self::denial::Denial;
pub use self::error::Error;
pub use self::fairing::Cognito;
pub use self::guard::{
    Authorized, BearerOnly, CurrentUser, InAnyGroup, InGroups, LoadUser, OrForward, SessionOnly, guarded,
};
pub use self::policy::Group;
pub use self::pool::{PoolSession, PoolSessionKind, PoolSessions};
pub use self::routes::{Catchers, Login, Logout, RedirectToLogin, Refresh, catchers};
pub use self::session::{NotAllEnded, SessionInfo, Sessions};
pub use self::sign_in::Callback;
pub use self::token::Actor;
pub use self::user::{Caller, CognitoUser, Machine, PersonOrAgent};

/// What the app's own code returns to this crate: hooks, which [`Cognito`] runs, and [`LoadUser`].
pub mod hooks {
    pub use crate::app::AppResult;
    pub use crate::session::HookDecision;
}

#[doc = include_str!("../docs/log.md")]
pub mod log_codes {}

#[doc = include_str!("../docs/moving-from-flask.md")]
pub mod moving_from_flask {}

#[doc = include_str!("../docs/secrets.md")]
pub mod secrets_that_rotate {}

#[cfg(feature = "redis")]
#[doc = include_str!("../docs/redis.md")]
pub mod sessions_in_redis {}

#[doc = include_str!("../docs/single-page-apps.md")]
pub mod single_page_apps {}
