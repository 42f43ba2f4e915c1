//! The guard `Refresh`.

use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::local_pool::Failure;
use rocket_cognito::{BearerOnly, Cognito, CognitoUser, Refresh, catchers};

use crate::support::SAME_ORIGIN;
use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup};

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[post("/groups")]
fn groups(session: Refresh) -> String {
    session.groups().join(" ")
}

/// Both are of one request, though not of one credential.
#[post("/api")]
fn api(_session: Refresh, by: BearerOnly) -> String {
    by.username().to_owned()
}

#[post("/api/session")]
fn api_session(by: BearerOnly<Refresh>) -> String {
    by.username().to_owned()
}

async fn start(auto_refresh: bool) -> App {
    let setup = Setup::new().set("routes", ["login", "callback", "logout"]).set("auto_refresh", auto_refresh);
    let build = |rocket: Rocket<Build>| {
        rocket
            .attach(Cognito::fairing())
            .mount("/", routes![me, groups, api, api_session])
            .register("/", catchers())
    };
    setup.pool(|pool| pool.refresh_token_rotation(true)).start_with(build).await
}

/// S4.
#[rocket::async_test]
async fn it_knows_the_groups_as_they_are_now() {
    let app = start(true).await;
    let agent = app.signed_in("alice").await;
    let before = agent.cookies();
    app.pool.set_groups("alice", ["editor", "writer"]).unwrap();
    let answer = agent.post(&app.url("/groups"), &SAME_ORIGIN, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "editor writer"));
    for name in ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"] {
        assert_ne!(agent.cookie(name).unwrap(), before[name], "{name}");
    }
    assert_eq!(agent.get(&app.url("/auth/refresh")).await.status, 404, "`routes` leaves it out");
}

#[rocket::async_test]
async fn it_asks_for_proof_of_the_same_origin() {
    let app = start(true).await;
    let agent = app.signed_in("alice").await;
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("origin", "null")]] {
        assert_eq!(agent.post(&app.url("/groups"), headers, &[]).await.status, 403, "{headers:?}");
    }
    assert_eq!(app.exchanges(), 1, "the sign-in's own");
}

#[rocket::async_test]
async fn what_cannot_be_renewed_says_why() {
    let app = start(false).await;
    let nobody = Agent::new().post(&app.url("/groups"), &SAME_ORIGIN, &[]).await;
    assert_eq!(nobody.status, 401);
    assert!(nobody.body.contains("not_signed_in"), "{}", nobody.body);

    let agent = app.signed_in("alice").await;
    app.pool.fail("/oauth2/token", Failure::Unavailable);
    let waiting = agent.post(&app.url("/groups"), &SAME_ORIGIN, &[]).await;
    assert_eq!((waiting.status.as_u16(), waiting.header("retry-after")), (503, "1"));
    assert!(waiting.body.contains("session_not_renewed"), "{}", waiting.body);
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice", "the session goes on");

    app.pool.recover("/oauth2/token");
    let bob = app.signed_in("bob").await;
    app.pool.disable_user("bob").unwrap();
    let over = bob.post(&app.url("/groups"), &SAME_ORIGIN, &[]).await;
    assert_eq!(over.status, 401);
    assert!(over.body.contains("session_ended"), "{}", over.body);
    assert!(bob.cookies().is_empty());
}

/// Guards renew nothing with `auto_refresh = false`; the app does when it wants to.
#[rocket::async_test]
async fn it_renews_an_expired_session_where_guards_do_not() {
    let app = start(false).await;
    let agent = app.signed_in("alice").await;
    agent.drop_cookie("cognito_access_token");
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    assert_eq!(agent.post(&app.url("/groups"), &SAME_ORIGIN, &[]).await.body, "admin");
    assert_eq!(agent.get(&app.url("/me")).await.body, "alice");
}

#[rocket::async_test]
async fn a_session_renewed_beside_a_header_is_no_bearers() {
    let app = start(true).await;
    let agent = app.signed_in("alice").await;
    let bob = app.pool.sign_in("bob", CLIENT).unwrap().access_token;
    for path in ["/api", "/api/session"] {
        for token in ["nonsense", &bob] {
            let header = format!("Bearer {token}");
            let headers = [SAME_ORIGIN[0], ("authorization", header.as_str())];
            let answer = agent.post(&app.url(path), &headers, &[]).await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            assert!(answer.body.contains("bearer_required"), "{}", answer.body);
        }
    }
}
