//! Judges a store: whether it does what [`SessionStore`](super::SessionStore) says, sentence by sentence.
//!
//! [`judge()`] runs all rows: the meaning of each method, ends and leases as time passes, 50 callers at once, values of
//! every size, names of any bytes, calls that are given up. Each row takes random names, so the store may hold other
//! sessions meanwhile. What a row leaves behind ends within two hours.
//!
//! It needs a Tokio runtime with its time enabled, of any flavor: callers at once are threads of the suite's own.
//!
//! # Example
//! A store whose clock tests may move is judged in a moment:
//! ```rust
//! use rocket_cognito::Clock;
//! use rocket_cognito::store::{MemoryStore, suite};
//!
//! # /*
//! #[rocket::async_test]
//! # */
//! async fn the_store_does_what_sessions_need() {
//!     let clock = Clock::default();
//!     suite::judge(MemoryStore::with_clock(&clock), clock).await.unwrap();
//! }
//! # rocket::async_test(the_store_does_what_sessions_need());
//! ```
//! For any other the suite waits. A row that has failed while the store was slow is run again with longer times, since a
//! busy machine is no fault of the store:
//! ```rust,no_run
//! use rocket_cognito::store::{MemoryStore, suite};
//!
//! # /*
//! #[tokio::test]
//! # */
//! async fn the_store_does_what_sessions_need() {
//!     suite::judge(MemoryStore::new(), suite::RealTime::default()).await.unwrap();
//! }
//! ```

mod ends;
mod judge;
mod leases;
mod model;
mod names;
mod races;
mod races_of_one;
mod row;
mod sessions;
mod time;
mod trial;
mod values;

pub use self::judge::{Fault, Faults, judge, judge_only, rows};
pub use self::time::{RealTime, Time};
