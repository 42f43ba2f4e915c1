//! What many requests share: work that one of them does for all, and memory with bounds.

mod bounded_map;
mod deadline;
mod single_flight;
mod tasks;

pub(crate) use self::bounded_map::BoundedMap;
pub(crate) use self::deadline::in_time;
pub(crate) use self::single_flight::{Follower, Leader, Lost, SingleFlight, single_flight};
pub(crate) use self::tasks::Tasks;
