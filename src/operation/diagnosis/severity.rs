//! How grave a finding is.

use serde::Serialize;

/// How grave a [`Finding`](crate::operation::Finding) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// The app does not launch, or people cannot sign in, or stay signed in.
    Failure,
    /// The app works, and somebody should look at it.
    Warning,
}

impl Severity {
    #[cfg(test)]
    pub(super) fn text(self) -> &'static str {
        match self {
            Severity::Failure => "failure",
            Severity::Warning => "warning",
        }
    }
}
