//! An API that clients find by its URL alone: the setting `resource` (RFC 9728).

use reqwest::Method;

use crate::support::agent::Agent;
use crate::support::app::{CLIENT, Setup, build};
use crate::{ask, ask_as};

const API: &str = "https://api.example.com/v1";
const PATH: &str = "/.well-known/oauth-protected-resource/v1";

#[rocket::async_test]
async fn challenges_name_the_metadata_of_the_resource_which_anybody_may_read() {
    let app = Setup::new().set("resource", API).start_with(build).await;
    let metadata = format!("resource_metadata=\"https://api.example.com{PATH}\"");
    let without = ask(&app.url("/me"), &[("accept", "application/json")]).await;
    assert_eq!(without.headers["www-authenticate"], format!("Bearer {metadata}"));
    let bad = ask_as(&app.url("/me"), "a.b.c").await;
    assert_eq!(bad.headers["www-authenticate"], format!("Bearer error=\"invalid_token\", {metadata}"));

    let page = ask(&app.url(PATH), &[("origin", "https://inspector.example")]).await;
    let document: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(document["resource"], API);
    assert_eq!(document["bearer_methods_supported"], serde_json::json!(["header"]));
    let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    assert_eq!(ask_as(&app.url("/me"), &token).await.status, 200, "tokens without `aud` count as before");
    assert_eq!(page.headers["access-control-allow-origin"], "*");
    let preflight = Agent::new().send(Method::OPTIONS, &app.url(PATH), &[], None).await;
    assert_eq!(
        (preflight.status.as_u16(), &preflight.headers["access-control-allow-headers"]),
        (204, &"*".parse().unwrap())
    );
    assert_eq!(ask(&app.url("/.well-known/oauth-protected-resource"), &[]).await.status, 404);
}
