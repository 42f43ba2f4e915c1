//! Sessions: the cookies that they lie in, how they are renewed, and how they end.

mod at_pool;
mod cookies;
mod dropped;
mod formats;
mod refresh;
mod stored;
#[path = "../support/mod.rs"]
mod support;
