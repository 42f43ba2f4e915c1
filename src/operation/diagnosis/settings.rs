//! The settings themselves.

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use crate::error::Error;

const NAME: &str = "settings";

/// Reports each setting that is wrong or missing.
pub(super) fn check(error: Option<&Error>) -> Check {
    let Some(error) = error else {
        return Check::made(NAME, "each one is right, as far as it goes without asking the pool", Vec::new());
    };
    let mut findings: Vec<_> = error
        .mistakes()
        .iter()
        .map(|mistake| {
            let place = match mistake.origin.starts_with("not set") {
                true => mistake.origin.clone(),
                false => format!("read from {}", mistake.origin),
            };
            let problem = format!("{} ({place})", mistake.problem);
            Finding::new(Code::SettingWrong, format!("`{}`", mistake.key), problem, &mistake.remedy)
        })
        .collect();
    if findings.is_empty() {
        let remedy = "correct it; the app would not launch";
        findings.push(Finding::new(Code::SettingWrong, "the launch", error.to_string(), remedy));
    }
    Check::made(NAME, "", findings)
}
