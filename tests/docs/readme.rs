//! `README.md`.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::installed;
use crate::support::quickstart::Quickstart;

/// The block of README.md, as it stands but for the port.
#[rocket::async_test]
async fn curl_alone_signs_in_as_the_readme_says() {
    if installed("curl", "curl").is_none() {
        return;
    }
    let quickstart = Quickstart::start().await;
    let readme = include_str!("../../README.md");
    let block = readme.split("```sh\n").find(|block| block.starts_with("jar=")).unwrap();
    let script = block.split("```").next().unwrap().replace("http://localhost:8000", &quickstart.url(""));
    let output = Command::new("bash").args(["-euc", &script]).output().unwrap();
    let me: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&me["username"], &me["groups"]), (&json!("alice"), &json!(["admin"])));
}
