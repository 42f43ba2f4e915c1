//! What a real browser makes of it all.

mod cookies;
mod cross_origin;
mod front_ends;
mod pages;
mod pool_pages;
mod redirects;
mod second_factor;
mod sessions;
mod single_page_app;
#[path = "../support/mod.rs"]
mod support;
mod swagger;
mod trusted_origins;
