//! What becomes of requests while the store for sessions is out of reach.

use reqwest::Method;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::store::{SessionStore, StoreError};
use rocket_cognito::{Cognito, Denial};

use crate::support::agent::Agent;
use crate::support::app::with_routes;
use crate::support::forge::{JwksFile, Key, access_claims};
use crate::support::server::Server;
use crate::support::settings;
use crate::support::store::{OutOfReach, REASON};

#[get("/sessions")]
async fn sessions() -> Result<&'static str, StoreError> {
    OutOfReach.check().await?;
    Ok("all of them")
}

#[rocket::async_test]
async fn bearer_tokens_count_while_the_store_is_out_of_reach() {
    let key = Key::new("k");
    let keys = JwksFile::new(&[&key]);
    let fairing = Cognito::fairing().session_store(OutOfReach);
    let app = Server::start(settings(&keys.uri()), |rocket| with_routes(rocket).attach(fairing)).await;
    let bearer = format!("Bearer {}", key.token(&access_claims()));
    let page = Agent::new().send(Method::GET, &app.url("/me"), &[("authorization", &bearer)], None).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (200, ""), "{}", page.body);
}

#[catch(503)]
fn unavailable(request: &Request<'_>) -> String {
    Denial::of(request).map_or_else(String::new, |denial| format!("{}: {}", denial.code(), denial.hint()))
}

#[rocket::async_test]
async fn a_route_that_fails_at_the_store_answers_by_the_apps_catcher_and_else_by_itself() {
    let keys = JwksFile::new(&[&Key::new("k")]);
    let build = |rocket| with_routes(rocket).attach(Cognito::fairing()).mount("/", routes![sessions]);
    let bare = Server::start(settings(&keys.uri()), build).await;
    let caught =
        Server::start(settings(&keys.uri()), |rocket| build(rocket).register("/", catchers![unavailable]));
    let page = Agent::new().get(&bare.url("/sessions")).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"));
    assert!(page.body.contains("sessions_unavailable") && !page.body.contains(REASON), "{}", page.body);
    let page = Agent::new().get(&caught.await.url("/sessions")).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"));
    assert_eq!(page.body, "sessions_unavailable: Try again in 5 seconds.");
}
