//! Login, callback, refresh and logout, where everybody is signed in.

use reqwest::Method;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::{Callback, Cognito, Login, Logout, Refresh};
use serde_json::{Value, json};

use super::disabled;
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup};
use crate::support::server::Server;

const SCRIPT: [(&str, &str); 2] = [("accept", "application/json"), ("sec-fetch-site", "same-origin")];

#[get("/signin?<next>")]
fn signin(next: Option<&str>) -> Login {
    Login::new().next(next).scopes(["openid"]).state("kept")
}

#[get("/landed?<as_it_is>")]
fn landed(callback: Callback, as_it_is: bool) -> Result<Callback, String> {
    let told = (callback.user().username(), callback.state(), callback.next(), callback.is_new());
    let told = format!("{told:?}");
    if as_it_is { Ok(callback) } else { Err(told) }
}

#[post("/renewed")]
fn renewed(session: Refresh) -> String {
    session.username().to_owned()
}

#[post("/signout")]
fn signout() -> Logout {
    Logout::new()
}

#[post("/switch")]
fn switch() -> Logout {
    Logout::and_sign_in(Login::new().next("/me"))
}

#[post("/leave")]
fn leave() -> Logout {
    Logout::here_and_go_to("/bye")
}

/// Every hook would be noticed.
fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let fairing = Cognito::fairing()
        .on_login(|_, _| Box::pin(async { Ok(HookDecision::Refuse) }))
        .on_refresh(|_, _| Box::pin(async { Ok(HookDecision::Refuse) }))
        .on_logout(|_, _| Box::pin(async { Ok(Some("/hook".to_owned())) }));
    rocket.attach(fairing).mount("/", routes![signin, landed, renewed, signout, switch, leave])
}

async fn serve() -> Server {
    let figment = disabled()
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.login_redirect", "/home?tab=1"));
    Server::start(figment, build).await
}

#[track_caller]
fn assert_leads(page: &Page, path: &str) {
    assert_eq!((page.status.as_u16(), page.header("location")), (303, path), "{}", page.body);
    assert_eq!(page.set_cookies(), [""; 0]);
    assert_eq!(page.header("cache-control"), "no-store");
}

#[rocket::async_test]
async fn a_login_leads_to_its_end_at_once() {
    let (server, agent) = (serve().await, Agent::new());
    for login in ["/auth/login", "/signin"] {
        for (query, path) in [
            ("", "/home?tab=1"),
            ("?next=/me%3Fx%3D1", "/me?x=1"),
            ("?next=//evil.example", "/home?tab=1"),
            ("?next=https://evil.example", "/home?tab=1"),
            ("?next=/auth/login", "/home?tab=1"),
        ] {
            assert_leads(&agent.open(&server.url(&format!("{login}{query}"))).await, path);
        }
    }
    assert_eq!(agent.open(&server.url("/auth/login?next=/a&next=/b")).await.status, 400);
}

#[rocket::async_test]
async fn a_callback_of_any_kind_leads_home() {
    let (server, agent) = (serve().await, Agent::new());
    for query in ["", "?code=c&state=s", "?error=access_denied&state=s", "?state=%00"] {
        assert_leads(&agent.open(&server.url(&format!("/auth/callback{query}"))).await, "/home?tab=1");
        let own = agent.open(&server.url(&format!("/landed{query}"))).await;
        assert_eq!(own.body, r#"("disabled", None, "/home?tab=1", false)"#);
    }
    assert_leads(&agent.open(&server.url("/landed?as_it_is=true")).await, "/home?tab=1");
    let head = agent.send(Method::HEAD, &server.url("/auth/callback"), &[], None).await;
    assert_eq!(head.status, 405);
}

#[rocket::async_test]
async fn a_refresh_answers_as_if_there_were_a_session() {
    let (server, agent) = (serve().await, Agent::new());
    let url = server.url("/auth/refresh?next=/me");
    let json = agent.post(&url, &SCRIPT, &[]).await;
    let seconds = serde_json::from_str::<Value>(&json.body).unwrap()["expires_in"].as_u64().unwrap();
    // A fraction of a second has gone by.
    assert!((86_000..=86_400).contains(&seconds), "{}", json.body);
    assert_eq!(json.set_cookies(), [""; 0]);
    assert_eq!(agent.post(&url, &[("sec-fetch-mode", "cors"), SAME_ORIGIN[0]], &[]).await.status, 204);
    assert_leads(&agent.post(&url, &SAME_ORIGIN, &[]).await, "/me");
    assert_eq!(agent.post(&server.url("/renewed"), &SAME_ORIGIN, &[]).await.body, "disabled");

    let without = Server::start(disabled(), build).await;
    assert_eq!(agent.post(&without.url("/auth/refresh"), &SAME_ORIGIN, &[]).await.status, 404);
}

#[rocket::async_test]
async fn a_logout_stays_in_the_app() {
    let (server, agent) = (serve().await, Agent::new());
    for (path, end) in
        [("/auth/logout", "/home?tab=1"), ("/signout", "/home?tab=1"), ("/switch", "/me"), ("/leave", "/bye")]
    {
        assert_leads(&agent.post(&server.url(path), &SAME_ORIGIN, &[]).await, end);
        let script = agent.post(&server.url(path), &SCRIPT, &[]).await;
        assert_eq!(serde_json::from_str::<Value>(&script.body).unwrap(), json!({ "logout_url": end }));
    }
    let link = [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let page = agent.send(Method::GET, &server.url("/auth/logout"), &link, None).await;
    assert_leads(&page, "/home?tab=1");
}

/// The control: with disabled mode off the same request revokes the refresh token.
#[rocket::async_test]
async fn a_logout_removes_the_cookies_of_before_and_calls_nobody() {
    let app = App::start().await;
    let disabled = app.instance("disabled", true).await;
    let agent = app.signed_in("alice").await;
    assert_eq!(agent.cookies().len(), 3);
    let asked = app.pool.requests("/oauth2/token");
    let refreshed = agent.post(&disabled.url("/auth/refresh"), &SCRIPT, &[]).await;
    assert_eq!((refreshed.status.as_u16(), agent.cookies().len()), (200, 3));

    let page = agent.post(&disabled.url("/auth/logout"), &SAME_ORIGIN, &[]).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/"));
    assert_eq!((page.set_cookies().len(), agent.cookies().len()), (3, 0));
    assert_eq!((app.revocations(), app.pool.requests("/oauth2/token")), (0, asked));

    let agent = app.signed_in("alice").await;
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert_eq!(app.revocations(), 1);
}

/// A host-only name needs https, which the app's own settings tell.
#[rocket::async_test]
async fn cookies_of_https_are_removed_too() {
    let app = Setup::new().redirect_url("https://app.example.com/cb").start().await;
    let disabled = app.instance("disabled", true).await;
    let cookie = [("cookie", "__Host-Http-cognito_access_token=x"), SAME_ORIGIN[0]];
    let page = Agent::new().post(&disabled.url("/auth/logout"), &cookie, &[]).await;
    let [removal] = page.set_cookies()[..] else { panic!("{:?}", page.set_cookies()) };
    assert!(removal.starts_with("__Host-Http-cognito_access_token=;"), "{removal}");
}
