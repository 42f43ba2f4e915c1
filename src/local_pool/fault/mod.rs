//! Faults that tests inject: failures, and answers that are held back.

mod control;
mod failure;
mod hold;

pub(super) use self::control::EndpointControl;
pub use self::failure::Failure;
pub(super) use self::failure::PlannedFailure;
pub use self::hold::Hold;
