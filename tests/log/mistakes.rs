//! What a newcomer is likely to get wrong beside the settings, and that each message says what to do.
//!
//! The others are told by the compiler (`tests/compile_fail`), or tested where their part is:
//!
//! | mistake | test |
//! |---|---|
//! | settings | each_mistake_of_a_newcomer_is_told_with_what_to_type |
//! | `redirect_url` of another port or host | urls_that_lead_elsewhere_are_told_in_development |
//! | no catcher for 401, an own one beside ours, two fairings | `launches.rs` |
//! | own routes missing, a route at ours, no fairing, a hook that never runs | launches_say_what_is_wrong_and_what_to_type |
//! | the pool's port taken | a_taken_port_is_told_with_the_way_out |
//! | a user who is not loaded | the_log_says_why_and_repeats_no_token |
//! | curl without `Origin`, or with another | every_refusal_has_exactly_these_headers, `origins.rs` |
//! | a sign-out by a link or a form of another site | `tests/routes/sign_out.rs` |
//! | a wrong pool id, a wrong clock | a_wrong_pool_id_is_named_and_not_the_visitors_fault, `tests/app/clocks.rs` |
//! | a token without `Bearer`, in quotation marks, doubled, or an ID token | `tests/denial/hints.rs` |
//! | a token in the address | a_token_elsewhere_in_the_request_is_no_credential |
//! | userInfo without the refresh flow | without_the_refresh_flow_the_access_token_serves_at_the_pools_own_endpoints |
//! | an unknown client, callback or `logout_url` | the pages of the local pool, `tests/local_pool/pages.rs` |
//! | the stand-alone pool without a client, with a typo | a_wrong_file_is_told_with_place_and_remedy |
//!
//! rustc alone speaks of `InGroups<"admin">` and of a missing `async_trait`, Rocket of a missing template directory, and
//! the template engine of `cognito/denial.html` without `Cognito::templates`.

use figment::Figment;
use rocket::{get, routes};
use rocket_cognito::{Callback, Cognito, Refresh, Sessions};

use crate::support::agent::Agent;
use crate::support::app::{App, Setup};
use crate::support::forge::{JwksFile, Key};
use crate::support::log::new_lines;
use crate::support::{figment, free_port, settings};
use crate::{alone, assert_told, refused};

#[get("/auth/callback")]
fn own_callback() {}

#[get("/done")]
fn done(_callback: Callback) {}

#[get("/renew")]
fn renew(_refresh: Refresh) {}

#[get("/devices")]
fn devices(_sessions: Sessions) {}

#[rocket::async_test]
async fn routes_and_guards_that_the_settings_do_not_allow_are_told_with_the_setting() {
    let _alone = alone().await;
    let keys = JwksFile::new(&[&Key::new("k")]);
    let app = |figment: Figment| rocket::custom(figment).attach(Cognito::fairing());
    let said = refused(app(settings(&keys.uri())).mount("/", routes![own_callback])).await;
    assert_told(
        &said,
        &["a route at `/auth/callback` itself", "leave ours out: `routes = [\"login\", \"logout\"]`"],
    );
    let said = refused(app(settings(&keys.uri())).mount("/", routes![done])).await;
    assert_told(
        &said,
        &["has the guard `Callback`", ">> type routes = [\"login\", \"refresh\", \"logout\"]"],
    );
    let said = refused(app(settings(&keys.uri())).mount("/", routes![renew])).await;
    assert_told(&said, &["has the guard `Refresh`", ">> type refresh_flow_enabled = true"]);
    let said = refused(app(settings(&keys.uri())).mount("/", routes![devices])).await;
    let store = "`Cognito::fairing().session_store(…)`";
    assert_told(&said, &["has the guard `Sessions`", ">> type session_store = \"memory\"", store]);
}

#[rocket::async_test]
async fn a_taken_port_is_told_with_the_way_out() {
    let _alone = alone().await;
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let app = |figment: Figment| rocket::custom(figment).attach(Cognito::fairing());
    let said = refused(app(figment().merge(("cognito.local_pool.port", port)))).await;
    let other = format!("type `local_pool = {{ port = {} }}`", port + 1);
    assert_told(&said, &["is taken", &other, "port 0 takes any free one, as tests side by side need"]);
    let port = free_port();
    let said = refused(app(figment().merge(("port", port)).merge(("cognito.local_pool.port", port)))).await;
    assert_told(&said, &["is the app's own: type `local_pool = { port = "]);
}

/// A sign-in as alice at an app that is set up wrongly.
async fn failed(app: &App) -> (u16, String) {
    let agent = Agent::new();
    new_lines();
    let page = agent.sign_in(&app.url("/auth/login"), "alice").await;
    (page.status.as_u16(), new_lines().join("\n"))
}

#[rocket::async_test]
async fn clients_that_are_set_up_wrongly_are_told_with_the_setting() {
    let _alone = alone().await;
    for secret in ["wrong", ""] {
        let app = Setup::new().set("client_secret", secret).start().await;
        let (status, said) = failed(&app).await;
        assert_eq!(status, 503, "{said}");
        assert_told(&said, &["check `client_id` and `client_secret` against the app client"]);
    }
    let app = Setup::new().set("scopes", "openid shop/read").start().await;
    new_lines();
    Agent::new().follow(&app.url("/auth/login")).await;
    assert_told(&new_lines().join("\n"), &["`scopes` names one that the app client does not have"]);
}
