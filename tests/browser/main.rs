//! What a real browser makes of it all.

mod cookies;
mod front_end;
mod pages;
mod redirects;
mod sessions;
#[path = "../support/mod.rs"]
mod support;
