//! The document of the example `openapi`, as people get it.

use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::quickstart::Quickstart;
use crate::validator::verdict;

/// OpenAPI 3.1 requires it, "Response Object".
#[test]
fn each_response_in_an_example_has_a_description() {
    let files = [
        include_str!("../../docs/openapi.md"),
        include_str!("../../README.md"),
        include_str!("../../src/fairing/cognito.rs"),
        include_str!("../../src/openapi/refusals.rs"),
        include_str!("../../examples/openapi/openapi.rs"),
    ];
    for file in files {
        let mut responses = file.split("(status = 200").skip(1).peekable();
        assert!(responses.peek().is_some());
        assert!(responses.all(|rest| rest.starts_with(", description = ")), "{file}");
    }
}

#[rocket::async_test]
async fn the_document_of_the_example_is_valid() {
    let example = Quickstart::start_example("openapi").await;
    let page = Agent::new().get(&example.url("/openapi.json")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let document: Value = serde_json::from_str(&page.body).unwrap();
    assert_ne!(document["info"]["license"]["name"], "");
    let Some(verdict) = verdict(&document) else { return };
    assert_eq!(verdict, "valid");
}
