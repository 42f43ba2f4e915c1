//! Requests that guards admit or refuse.

use rocket::http::Status;
use rocket::response::Redirect;
use rocket::{catch, catchers, get, post, routes};
use rocket_cognito::{CognitoUser, InGroups, Logout};

use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup, build, without_catchers};
use crate::support::groups::Admin;
use crate::support::server::Server;
use crate::support::settings;
use crate::support::stub::{Answer, Stub};
use crate::watch::{LAUNCH, Watch};

#[get("/twice")]
fn twice(_user: CognitoUser, _same: &CognitoUser, _admin: InGroups<Admin>) {}

#[get("/maybe")]
fn maybe(_user: Option<CognitoUser>, _admin: Option<InGroups<Admin>>) {}

#[post("/write")]
fn write(_user: CognitoUser) {}

#[get("/broken")]
fn broken(_user: CognitoUser) -> Status {
    Status::InternalServerError
}

#[post("/leave")]
fn leave(_user: CognitoUser) -> Logout {
    Logout::here_and_go_to("/")
}

#[catch(403)]
fn sorry() -> &'static str {
    "Sorry."
}

#[catch(403)]
fn hidden() -> (Status, &'static str) {
    (Status::NotFound, "Nothing here.")
}

#[catch(403)]
fn fine() -> (Status, &'static str) {
    (Status::Ok, "A page of the app's own.")
}

async fn bearer(app: &App, username: &str) -> String {
    format!("Bearer {}", app.pool.sign_in(username, CLIENT).unwrap().access_token)
}

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> u16 {
    Agent::new().send(reqwest::Method::GET, &app.url(path), headers, None).await.status.as_u16()
}

#[rocket::async_test]
async fn a_request_is_admitted_once_however_many_guards_ask() {
    let watch = Watch::default();
    let app = Setup::new()
        .start_with(|rocket| {
            watch.over(build(rocket).mount("/", routes![twice, maybe, write, broken, leave]))
        })
        .await;
    watch.moved(&[LAUNCH]).await;
    let (alice, bob) = (bearer(&app, "alice").await, bearer(&app, "bob").await);
    let admitted = ("admissions_total bearer", 1);
    for (path, header, status, steps) in [
        ("/me", &alice, 200, &[admitted][..]),
        ("/twice", &alice, 200, &[admitted]),
        // An answer that the route gives of its own.
        ("/broken", &alice, 500, &[admitted]),
        ("/missing", &alice, 404, &[]),
        ("/twice", &bob, 403, &[("refusals_total rule_not_met", 1)]),
        ("/maybe", &bob, 200, &[admitted]),
        ("/me", &"Bearer a.b.c".to_owned(), 401, &[("refusals_total invalid_token", 1)]),
        ("/maybe", &"Bearer a.b.c".to_owned(), 200, &[]),
        ("/me", &"Bearer".to_owned(), 401, &[("refusals_total missing_bearer_token", 1)]),
    ] {
        assert_eq!(get(&app, path, &[("authorization", header)]).await, status, "{path}");
        watch.moved(steps).await;
    }
    let head = Agent::new();
    let page = head.send(reqwest::Method::HEAD, &app.url("/twice"), &[("authorization", &alice)], None).await;
    assert_eq!(page.status, 200);
    watch.moved(&[admitted]).await;

    assert_eq!(get(&app, "/maybe", &[]).await, 200);
    watch.moved(&[]).await;
    assert_eq!(get(&app, "/me", &[]).await, 401);
    watch.moved(&[("refusals_total not_signed_in", 1)]).await;
    assert_eq!(Agent::new().open(&app.url("/me")).await.status, 303);
    watch.moved(&[("refusals_total not_signed_in", 1)]).await;

    let agent = app.signed_in("alice").await;
    let sign_in = [
        ("refusals_total not_signed_in", 1),
        ("pool_calls_total token ok", 1),
        ("sign_ins_total done", 1),
        // The page to which the sign-in leads.
        ("admissions_total session", 1),
    ];
    watch.moved(&sign_in).await;
    assert_eq!(agent.get(&app.url("/me")).await.status, 200);
    watch.moved(&[("admissions_total session", 1)]).await;
    assert_eq!(agent.post(&app.url("/write"), &[("origin", "http://evil.example")], &[]).await.status, 403);
    watch.moved(&[("refusals_total cross_site", 1)]).await;
    // A sign-out, and no admission beside it.
    assert_eq!(agent.post(&app.url("/leave"), &[("origin", &app.origin())], &[]).await.status, 303);
    watch.moved(&[("sign_outs_total here", 1), ("pool_calls_total revoke ok", 1)]).await;
}

#[rocket::async_test]
async fn a_refusal_counts_when_it_is_the_answer() {
    for (catcher, status, steps) in
        [(catchers![sorry], 403, &[("refusals_total rule_not_met", 1)][..]), (catchers![hidden], 404, &[])]
    {
        let watch = Watch::default();
        let app = Setup::new()
            .start_with(|rocket| watch.over(without_catchers(rocket).register("/", catcher)))
            .await;
        watch.moved(&[LAUNCH]).await;
        let bob = bearer(&app, "bob").await;
        assert_eq!(get(&app, "/admin", &[("authorization", &bob)]).await, status);
        watch.moved(steps).await;
    }
}

#[catch(403)]
fn elsewhere() -> Redirect {
    Redirect::to("/sorry")
}

#[get("/own-404")]
fn own_404(_user: CognitoUser, admin: Option<InGroups<Admin>>) -> Option<&'static str> {
    admin.map(|_| "For admins.")
}

/// A route that takes a refusal by `Option<G>` answers of its own, unless a catcher of the app's might have.
#[rocket::async_test]
async fn whom_a_catcher_leads_elsewhere_is_not_admitted_and_whom_a_route_answers_is() {
    let admitted = &[("admissions_total bearer", 1)][..];
    for (catcher, path, status, steps) in [
        (Some(catchers![elsewhere]), "/admin", 303, &[][..]),
        (Some(catchers![elsewhere]), "/maybe", 200, admitted),
        (None, "/own-404", 404, admitted),
        // The limits that the page names.
        (Some(catchers![fine]), "/admin", 200, admitted),
        (Some(catchers![elsewhere]), "/own-404", 404, &[]),
    ] {
        let watch = Watch::default();
        let app = Setup::new()
            .start_with(|rocket| {
                let rocket = match catcher {
                    Some(catcher) => without_catchers(rocket).register("/", catcher),
                    None => build(rocket),
                };
                watch.over(rocket.mount("/", routes![maybe, own_404]))
            })
            .await;
        watch.moved(&[LAUNCH]).await;
        let bob = bearer(&app, "bob").await;
        assert_eq!(get(&app, path, &[("authorization", &bob)]).await, status, "{path}");
        watch.moved(steps).await;
    }
}

#[rocket::async_test]
async fn in_disabled_mode_everybody_counts_as_such() {
    let watch = Watch::default();
    let app = Setup::new().set("disabled", true).start_with(|rocket| watch.over(build(rocket))).await;
    assert_eq!(get(&app, "/admin", &[]).await, 200);
    watch.moved(&[("admissions_total disabled", 1)]).await;
}

#[rocket::async_test]
async fn without_keys_nobody_is_admitted() {
    let (watch, stub) = (Watch::default(), Stub::start(Answer::new("500 Oops", "", "")).await);
    let app = Server::start(settings(&stub.url("/jwks.json")), |rocket| watch.over(build(rocket))).await;
    let token = format!(
        "Bearer {}",
        crate::support::forge::Key::new("kid").token(&crate::support::forge::access_claims())
    );
    let agent = Agent::new();
    let page = agent.send(reqwest::Method::GET, &app.url("/me"), &[("authorization", &token)], None).await;
    assert_eq!(page.status, 503);
    assert_eq!(watch.counters().get("refusals_total", &[("code", "keys_unavailable")]), Some(1.0));
    assert_eq!(watch.counters().get("admissions_total", &[("by", "bearer")]), Some(0.0));
    assert_eq!(watch.counters().get("keys", &[]), Some(0.0));
    watch.reads("pool_calls_total", &[("endpoint", "jwks"), ("result", "ok")], 0.0).await;
    assert!(
        watch.counters().get("pool_calls_total", &[("endpoint", "jwks"), ("result", "failed")]) >= Some(1.0)
    );
}

#[rocket::async_test]
async fn a_pool_that_has_no_keys_refuses_them() {
    for status in ["400 Bad Request", "403 Forbidden", "404 Not Found"] {
        let (watch, stub) = (Watch::default(), Stub::start(Answer::new(status, "", "")).await);
        let _app = Server::start(settings(&stub.url("/jwks.json")), |rocket| watch.over(build(rocket))).await;
        watch.reads("pool_calls_total", &[("endpoint", "jwks"), ("result", "refused")], 1.0).await;
        watch.reads("pool_calls_total", &[("endpoint", "jwks"), ("result", "failed")], 0.0).await;
    }
}

/// Tokens that were seen before cost no signature.
#[rocket::async_test]
async fn the_cache_of_tokens_counts_what_it_knew_and_what_it_did_not() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket))).await;
    let cache = || {
        ["entries", "hits_total", "misses_total"]
            .map(|what| watch.counters().get(&format!("token_cache_{what}"), &[]).unwrap() as u64)
    };
    assert_eq!(cache(), [0, 0, 0]);
    let (alice, bob) = (bearer(&app, "alice").await, bearer(&app, "bob").await);
    for (header, counts) in [(&alice, [1, 0, 1]), (&alice, [1, 1, 1]), (&bob, [2, 1, 2]), (&alice, [2, 2, 2])]
    {
        assert_eq!(get(&app, "/me", &[("authorization", header)]).await, 200);
        assert_eq!(cache(), counts);
    }
    let (signed, signature) = alice.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{other}{}", &signature[1..]);
    assert_eq!(get(&app, "/me", &[("authorization", &forged)]).await, 401);
    assert_eq!(cache(), [2, 2, 3]);
    assert!(watch.counters().get("token_cache_bytes", &[]) > Some(1_000.0));
}
