//! Numbers for operators: what an app has counted, and how it is.
//!
#![doc = include_str!("../../docs/operation.md")]
#![cfg_attr(feature = "doctor", doc = include_str!("../../docs/doctor.md"))]

mod counters;
#[cfg(feature = "doctor")]
mod diagnosis;
mod families;
mod family;
mod guards;
mod health;
mod monitor;

pub use self::counters::Counters;
#[cfg(feature = "doctor")]
pub use self::diagnosis::{Check, Diagnosis, Finding, Severity};
#[cfg(feature = "doctor")]
pub(crate) use self::diagnosis::{examine, examine_offline};
pub use self::family::{Family, Kind, Sample};
pub use self::health::Health;
pub use self::monitor::Monitor;
