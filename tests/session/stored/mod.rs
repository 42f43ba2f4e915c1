//! Sessions that lie in a store.

mod ends;
mod life;
mod listing;
mod lists;
