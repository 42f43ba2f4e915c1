//! Sessions that lie in a store.

mod crash;
mod life;
