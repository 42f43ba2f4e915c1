//! TLS to the pool: whom the app believes to be the pool, and what all others are told: nothing.
//!
//! The roots are those of the system, which `SSL_CERT_FILE` names: hence an app in a process of its own.
//! Letters with numbers are rows of `docs/requirements.md`.

mod browser;
mod certificates;
mod forward_proxy;
mod outbound;
mod plain_http;
mod protocols;
mod proxy;
mod redis;
mod server;
mod store_files;
#[path = "../support/mod.rs"]
mod support;
mod world;
