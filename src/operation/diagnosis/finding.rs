//! One thing that a check has found.

use serde::Serialize;

use super::code::Code;
use super::severity::Severity;

/// One thing that a [`Diagnosis`](super::Diagnosis) has found wrong: what, where, and what to do. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    code: &'static str,
    severity: Severity,
    subject: String,
    problem: String,
    remedy: String,
}

impl Finding {
    pub(super) fn new(
        code: Code,
        subject: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Finding {
            code: code.text(),
            severity: code.severity(),
            subject: subject.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// The code, such as `callback_unknown`, which no release changes: a row of the table of [`operation`](crate::operation#doctor).
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// How grave it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The setting or the URL that it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What is wrong, as one sentence without a full stop.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// What to do about it, as one sentence without a full stop.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}
