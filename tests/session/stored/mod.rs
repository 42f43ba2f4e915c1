//! Sessions that lie in a store.

mod crash;
mod ends;
mod everywhere;
mod fleet;
mod leases;
mod life;
mod listing;
mod lists;
mod places;
mod remembered;
mod rollout;
mod sign_out;
mod trouble;
mod twins;
mod world;
