//! What many requests share: work that one of them does for all.

mod single_flight;

pub(crate) use self::single_flight::{Follower, Leader, Lost, SingleFlight, single_flight};
