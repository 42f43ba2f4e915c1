//! Everything that this crate reports to operators.

pub(crate) mod report;
