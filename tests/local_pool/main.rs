//! The embedded local pool over real HTTP, judged by what Cognito is known to do.

mod api;
mod authorize;
mod browser;
mod client_secrets;
mod cross_origin;
mod endings;
mod failure;
mod first_factor;
mod head;
mod identity_providers;
mod kinds;
mod landing;
mod levels;
mod machine;
mod names;
mod next_step;
#[cfg(feature = "local-pool")]
mod options;
mod pages;
mod pool;
#[cfg(feature = "local-pool")]
mod ports;
#[cfg(feature = "local-pool")]
mod program;
mod registration;
mod registration_settings;
mod resource;
mod revoke;
mod rotation;
mod session_configuration;
mod sessions;
mod sign_in_names;
mod sign_up;
mod single_sign_on;
mod state;
#[cfg(feature = "local-pool")]
mod state_of_apps;
mod state_refused;
mod state_seeds;
#[path = "../support/mod.rs"]
mod support;
mod token;
mod triggers;
mod user_info;
mod user_settings;
mod users;
