//! The document of the example `openapi`, as people get it.

use crate::support::agent::Agent;
use crate::support::quickstart::Quickstart;
use crate::validator::verdict;

#[rocket::async_test]
async fn the_document_of_the_example_is_valid() {
    let example = Quickstart::start_example("openapi").await;
    let page = Agent::new().get(&example.url("/openapi.json")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let Some(verdict) = verdict(&serde_json::from_str(&page.body).unwrap()) else { return };
    assert_eq!(verdict, "valid");
}
