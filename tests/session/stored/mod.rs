//! Sessions that lie in a store.

mod fleet;
mod life;
mod sign_out;
mod twins;
mod world;
