//! Sessions that lie in a store.

mod crash;
mod ends;
mod fleet;
mod life;
mod listing;
mod lists;
mod sign_out;
mod twins;
mod world;
