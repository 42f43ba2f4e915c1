//! What operators read: counters that move with what happens, and the health of an app.

mod calls;
#[path = "../testing/child.rs"]
mod child;
mod guards;
mod health;
mod hooks;
mod page;
mod refreshes;
mod scrape;
mod sign_ins;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod visitors;
mod watch;
