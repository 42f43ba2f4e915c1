//! What the checks of a set-up have found.

use std::fmt;

use serde::Serialize;

use super::finding::Finding;
use super::severity::Severity;

/// What the checks of a set-up have found: by [`Cognito::diagnose`](crate::Cognito::diagnose). Its
/// [`Display`](fmt::Display) is a report for people, its [`Serialize`] one for programs. Neither holds a secret.
///
/// # Example
/// ```rust
/// use rocket_cognito::Cognito;
///
/// # rocket::async_test(async {
/// let figment = rocket::Config::figment().merge(("cognito.region", "the moon"));
/// let diagnosis = Cognito::diagnose(&figment).await;
/// assert!(!diagnosis.is_healthy());
/// assert!(diagnosis.findings().any(|finding| finding.code() == "setting_wrong"));
/// println!("{diagnosis}");
/// # })
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    profile: String,
    checks: Vec<Check>,
}

/// One check of a [`Diagnosis`], with what it has found.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    name: &'static str,
    was_made: bool,
    detail: String,
    findings: Vec<Finding>,
}

impl Check {
    /// A check that was made; `detail` says what holds if nothing was found.
    pub(super) fn made(name: &'static str, detail: impl Into<String>, findings: Vec<Finding>) -> Self {
        Check { name, was_made: true, detail: detail.into(), findings }
    }

    /// A check that was left out, and why.
    pub(super) fn left_out(name: &'static str, reason: impl Into<String>) -> Self {
        Check { name, was_made: false, detail: reason.into(), findings: Vec::new() }
    }

    pub(super) fn has_failure(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Failure)
    }

    /// What was checked, in a word or two.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it was made, and not left out.
    #[must_use]
    pub fn was_made(&self) -> bool {
        self.was_made
    }

    /// What holds where nothing was found, or why the check was left out.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What it has found.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl Diagnosis {
    pub(super) fn new(profile: String, checks: Vec<Check>) -> Self {
        Diagnosis { profile, checks }
    }

    /// The Rocket profile whose settings were checked.
    #[must_use]
    pub fn profile(&self) -> &str {
        &self.profile
    }

    /// All checks, in the order in which they were made.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What all checks have found.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(Check::findings)
    }

    /// Whether there is no [failure](Severity::Failure).
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        self.count(Severity::Failure) == 0
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|finding| finding.severity() == severity).count()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            if check.findings.is_empty() {
                let mark = if check.was_made { "ok" } else { "-" };
                writeln!(f, "{mark:<5} {:<14} {}", check.name, check.detail)?;
            }
            for finding in &check.findings {
                let mark = match finding.severity() {
                    Severity::Failure => "FAIL",
                    Severity::Warning => "warn",
                };
                writeln!(f, "{mark:<5} {:<14} {}: {}", check.name, finding.subject(), finding.problem())?;
                writeln!(f, "{:20} {} [{}]", "", finding.remedy(), finding.code())?;
            }
        }
        let counted = |severity, noun: &str| {
            let count = self.count(severity);
            format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
        };
        let (failures, warnings) =
            (counted(Severity::Failure, "failure"), counted(Severity::Warning, "warning"));
        write!(f, "{failures}, {warnings} in profile \"{}\"", self.profile)
    }
}
