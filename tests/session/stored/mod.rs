//! Sessions that lie in a store.

mod crash;
mod fleet;
mod life;
mod sign_out;
mod twins;
mod world;
