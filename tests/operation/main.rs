//! What an app goes through in operation: it is stopped, killed, flooded and left running, and its clock is wrong.

#[path = "../flow/app.rs"]
mod app;
mod calls;
mod clocks;
mod crash;
mod endpoint;
mod formats;
mod memory;
mod process;
mod rest;
#[path = "../flow/sealing.rs"]
mod sealing;
mod stop;
#[path = "../support/mod.rs"]
mod support;

const ACCESS: &str = "cognito_access_token";
const REFRESH: &str = "cognito_refresh_token";
const TOKEN: &str = "/oauth2/token";

/// Status and code of an answer; no code where it is no refusal.
fn answer(page: &support::agent::Page) -> (u16, String) {
    let body: serde_json::Value = serde_json::from_str(&page.body).unwrap_or_default();
    (page.status.as_u16(), body["error"].as_str().unwrap_or_default().to_owned())
}
