//! Numbers for operators: what an app has counted, and how it is.
//!
#![doc = include_str!("../../docs/operation.md")]

mod counters;
mod families;
mod family;
mod guards;
mod health;
mod monitor;

pub use self::counters::Counters;
pub use self::family::{Family, Kind, Sample};
pub use self::health::Health;
pub use self::monitor::Monitor;
