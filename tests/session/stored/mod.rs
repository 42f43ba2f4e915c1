//! Sessions that lie in a store.

mod fleet;
mod life;
mod world;
