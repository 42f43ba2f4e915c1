//! What fits a developer's profile, and not one that serves people.

use figment::Figment;
use rocket::Config;
use rocket::config::LogLevel;

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use crate::config::{Settings, secrets_in_files};

const NAME: &str = "profile";

pub(super) fn check(settings: &Settings, figment: &Figment) -> Check {
    let profile = figment.profile();
    let mut findings = Vec::new();
    if profile != Config::DEBUG_PROFILE {
        let secrets = secrets_in_files(figment);
        findings.extend(secrets.iter().map(|(key, file)| secret_in_file(key, file)));
        findings.extend(unsafe_modes(settings));
        if figment.extract_inner(Config::LOG_LEVEL).is_ok_and(|level: LogLevel| level == LogLevel::Debug) {
            findings.push(Finding::new(
                Code::RequestsInLog,
                "`log_level`",
                "at the level `debug` Rocket prints whole requests, with codes and cookies",
                "log_level = \"normal\"",
            ));
        }
    }
    if let Some((setting, url)) = &settings.pool.plain_calls {
        findings.push(Finding::new(
            Code::PlainHttp,
            format!("`{setting}`"),
            format!("calls to {url} carry codes, tokens and the client's secret in the clear"),
            "an https URL, unless nobody else is on that network",
        ));
    }
    Check::made(NAME, format!("\"{profile}\", without a trap"), findings)
}

fn secret_in_file(key: &str, file: &str) -> Finding {
    Finding::new(
        Code::SecretInFile,
        format!("`{key}`"),
        format!("stands in {file}, which often lies in version control and in images"),
        format!("give it by the environment: ROCKET_COGNITO_{}", key.to_ascii_uppercase()),
    )
}

/// The modes that make an app open to everybody, where `unsafe_in_profile` allows them.
fn unsafe_modes(settings: &Settings) -> impl Iterator<Item = Finding> {
    let finding = |key: &str, problem: &str, remedy: &str| {
        Finding::new(Code::UnsafeMode, format!("`{key}`"), problem, remedy)
    };
    let disabled = settings.disabled.is_some().then(|| {
        let problem = "everybody passes each guard, without a credential";
        finding("disabled", problem, "disabled = false, if this profile serves people")
    });
    let unexpired = (!settings.pool.check_expiration).then(|| {
        let problem = "tokens never expire, those of people who have left among them";
        finding("check_expiration", problem, "check_expiration = true, if this profile serves people")
    });
    disabled.into_iter().chain(unexpired)
}
