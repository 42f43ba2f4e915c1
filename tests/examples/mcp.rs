//! The example `mcp`, used by the Python SDK of the Model Context Protocol.

use rocket::tokio::task::spawn_blocking;
use serde_json::json;

use crate::support::free_port;
use crate::support::python::judged;
use crate::support::quickstart::Quickstart;

const STEPS: [&str; 7] = [
    "finds the pool by the API's URL alone",
    "registers",
    "signs in with the API as audience",
    "calls tools",
    "refreshes",
    "may do less as somebody else",
    "is refused with another audience",
];

#[rocket::async_test]
async fn a_client_of_mcp_registers_signs_in_calls_tools_and_is_refused_with_another_audience() {
    let port = free_port();
    let url = format!("http://localhost:{port}/mcp");
    let pool = format!("{{port={}}}", free_port());
    let variables = [("ROCKET_COGNITO_RESOURCE", url.as_str()), ("ROCKET_COGNITO_LOCAL_POOL", pool.as_str())];
    let example = Quickstart::spawn_example("mcp", port, &variables).launched().await;
    let input = json!({ "url": url, "other": example.url("/other") });
    let judgement = spawn_blocking(move || judged(include_str!("mcp_client.py"), &input.to_string()));
    let Some(steps) = judgement.await.unwrap() else { return };
    assert_eq!(steps.lines().collect::<Vec<_>>(), STEPS, "{}", example.output());
}
