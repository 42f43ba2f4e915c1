//! What every answer says to browsers and caches, and what no answer says to anybody.

mod audit;
mod catcher;
mod handler;
mod hints;
mod injection;
mod matrix;
mod pages;
mod payloads;
mod people;
mod refusals;
mod scripts;
mod site;
mod snapshot;
mod store;
#[path = "../support/mod.rs"]
mod support;
