//! Sessions that lie in a store.

mod life;
