//! `cognito-doctor`, the program.

use std::path::PathBuf;
use std::process::{Command, Output};

use rocket::tokio::task::spawn_blocking;
use serde_json::Value;

use crate::setup::{CALLBACK, KEY, POOL_ID, SECRET, Setup};

/// A file that is gone with this value.
pub struct Table(pub PathBuf);

impl Table {
    pub fn new(text: &str) -> Self {
        let name = format!("cognito-doctor-{}-{:032x}.toml", std::process::id(), rand::random::<u128>());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Table(path)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The settings of a right set-up as a file, but for its secrets.
fn table(setup: &Setup, callback: &str) -> Table {
    let url = format!("http://localhost:{}", setup.front.port);
    Table::new(&format!(
        "[release.cognito]\nuser_pool_id = \"{POOL_ID}\"\nissuer = \"{url}/{POOL_ID}\"\ndomain = \"{url}\"\n\
         client_id = \"shop\"\nredirect_url = \"{callback}\"\nlogout_url = \"http://localhost:8000/\"\n"
    ))
}

async fn doctor(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cognito-doctor"));
    // The variables of whoever runs the tests are not theirs.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ROCKET_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("ROCKET_COGNITO_CLIENT_SECRET", SECRET)
        .env("ROCKET_COGNITO_SECRET_KEYS", KEY);
    let Output { status, stdout, stderr } = spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!stdout.contains(SECRET) && !stdout.contains(KEY));
    (status.code().unwrap(), stdout, stderr)
}

#[rocket::async_test]
async fn it_exits_with_0_where_nothing_fails_and_with_1_where_something_does() {
    let setup = Setup::new().await;
    let right = table(&setup, CALLBACK);
    let (code, report, problem) = doctor(&["--config", right.0.to_str().unwrap()]).await;
    assert_eq!((code, problem.as_str()), (0, ""), "{report}");
    assert!(report.ends_with("0 failures, 0 warnings in profile \"release\"\n"), "{report}");

    let wrong = table(&setup, "http://localhost:8000/elsewhere");
    let (code, report, _) = doctor(&["--config", wrong.0.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(report.contains("FAIL  sign-in") && report.contains("[callback_unknown]"), "{report}");
}

#[rocket::async_test]
async fn its_json_has_every_check_and_finding() {
    let setup = Setup::new().await;
    let table = table(&setup, "http://localhost:8000/elsewhere");
    let (code, report, _) = doctor(&["--json", "--config", table.0.to_str().unwrap()]).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "sign-in").unwrap();
    let finding = &check["findings"][0];
    assert_eq!((code, &report["profile"]), (1, &Value::from("release")));
    assert_eq!((&finding["code"], &finding["severity"]), (&"callback_unknown".into(), &"failure".into()));
    for member in ["subject", "problem", "remedy"] {
        assert!(finding[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
}

#[rocket::async_test]
async fn offline_it_reads_the_settings_of_the_profile_that_is_named() {
    let setup = Setup::new().await;
    let table = table(&setup, CALLBACK);
    let file = table.0.to_str().unwrap();
    let (code, report, _) = doctor(&["--offline", "--config", file]).await;
    assert_eq!((code, setup.front.requests()), (0, 0), "{report}");
    let (code, report, _) = doctor(&["--offline", "--config", file, "--profile", "staging"]).await;
    assert_eq!(code, 1);
    assert!(report.contains("[setting_wrong]") && report.contains("in profile \"staging\""), "{report}");
}

#[rocket::async_test]
async fn a_wrong_command_line_exits_with_2_and_what_to_type() {
    for (arguments, part) in [
        (&["--profil", "release"][..], "--help"),
        (&["--profile"], "--profile release"),
        (&["--config", "/nowhere/Rocket.toml"], "/nowhere/Rocket.toml"),
    ] {
        let (code, report, problem) = doctor(arguments).await;
        assert_eq!((code, report.as_str()), (2, ""));
        assert!(problem.contains(part), "{problem}");
    }
    let (code, usage, _) = doctor(&["--help"]).await;
    assert!(code == 0 && usage.contains("--offline"));
}
