#![forbid(unsafe_code)]
#![deny(missing_docs)]
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

mod answer;
mod bearer_header;
mod call_error;
mod callback;
mod caller;
mod catchers;
mod client;
mod clock;
mod code_exchange;
mod config;
mod constant_time;
mod core;
mod credential;
mod current_user;
mod denial;
mod disabled;
#[cfg(feature = "local-pool")]
mod embedded;
mod error;
mod evidence;
mod fairing;
mod fresh;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod group;
mod guard;
mod headers;
mod hidden_query;
mod hooks;
mod http;
mod id_token;
mod issued_tokens;
#[cfg(feature = "local-pool")]
pub mod local_pool;
mod login;
mod logout;
mod next;
mod oauth;
mod only;
mod or_forward;
mod page;
mod policy;
mod query;
mod random;
#[cfg(test)]
mod redaction;
mod refresh;
mod renewal;
mod report;
mod request_state;
mod routes;
mod scope;
mod seal;
mod session;
mod session_change;
mod session_user;
mod sign_in;
mod signed_in;
mod token;
mod token_use;
mod user;
mod user_info;
mod user_profile;

pub use call_error::ClientError;
pub use callback::Callback;
pub use caller::{Caller, CallerKind, Machine};
pub use catchers::catchers;
#[cfg(feature = "templates")]
pub use catchers::templates;
pub use client::{PendingSignIn, SignInRequest, ClientToken, CodeExchange, CognitoClient, TokenSet};
pub use clock::Clock;
pub use current_user::{CurrentUser, LoadUser};
pub use denial::Denial;
pub use error::Error;
pub use fairing::Cognito;
pub use fresh::Fresh;
pub use group::Group;
pub use guard::{Authorized, InAnyGroup, InGroups, MaybeGroup, Unset};
pub use hooks::{AppResult, HookDecision};
pub use login::Login;
pub use logout::Logout;
pub use only::{BearerOnly, SessionOnly};
pub use or_forward::OrForward;
pub use policy::{All, Any, Decision, Not, Policy, Rule};
pub use refresh::Refresh;
pub use scope::{AnyScope, Scope, ScopeTuple, Scopes};
pub use sign_in::RedirectToLogin;
pub use token_use::{HasAccessToken, HasIdToken};
pub use user::{CognitoUser, CredentialSource};
pub use user_info::UserInfo;

#[doc = include_str!("../docs/moving-from-flask.md")]
pub mod moving_from_flask {}
