//! The responder `Logout`.

use rocket::{Build, Request, Rocket, catch, get, post, routes};
use rocket_cognito::{Cognito, CognitoUser, Login, Logout, Refresh, catchers};

use crate::support::SAME_ORIGIN;
use crate::support::app::{App, CLIENT, Setup, code_for};

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[post("/signout")]
fn signout() -> Logout {
    Logout::new()
}

#[get("/signout")]
fn signout_by_link() -> Logout {
    Logout::new()
}

#[post("/switch?<next>")]
fn switch(next: Option<&str>) -> Logout {
    Logout::and_sign_in(Login::new().next(next).login_hint("bob").scopes(["openid", "email"]))
}

#[post("/leave?<path>")]
fn leave(path: String) -> Logout {
    Logout::here_and_go_to(path)
}

/// Fails, after the sign-out: no hint has a control character.
#[post("/stumble")]
fn stumble() -> Logout {
    Logout::and_sign_in(Login::new().login_hint("\u{7f}"))
}

#[catch(400)]
async fn stumbled(request: &Request<'_>) -> &'static str {
    match request.guard::<Refresh>().await.succeeded() {
        Some(_) => "refreshed",
        None => "over",
    }
}

async fn start() -> App {
    let setup = Setup::new().set("routes", ["login", "callback"]).set("logout_path", "/signout");
    let routes = routes![me, signout, signout_by_link, switch, leave, stumble];
    let build = |rocket: Rocket<Build>| {
        rocket.attach(Cognito::fairing()).mount("/", routes).register("/", catchers())
    };
    setup.start_with(build).await
}

#[rocket::async_test]
async fn it_ends_the_session_here_and_leads_to_the_pools_sign_out() {
    let app = start().await;
    let agent = app.signed_in("alice").await;
    let token = app.refresh_token(&agent);
    let answer = agent.post(&app.url("/signout"), &SAME_ORIGIN, &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location_parameter("client_id"), CLIENT);
    assert_eq!(answer.location_parameter("logout_uri"), app.url("/"));
    assert!(agent.cookies().is_empty());
    assert_eq!(app.revocations(), 1);
    assert!(!app.accepts_refresh_token(&token).await);
}

#[rocket::async_test]
async fn nobody_else_signs_out_the_apps_users() {
    let app = start().await;
    let agent = app.signed_in("alice").await;
    let cookies = agent.cookies();
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("origin", "https://evil.example")]] {
        assert_eq!(agent.post(&app.url("/signout"), headers, &[]).await.status, 403, "{headers:?}");
        assert_eq!(agent.post(&app.url("/switch"), headers, &[]).await.status, 403, "{headers:?}");
    }
    assert_eq!(agent.get(&app.url("/signout")).await.status, 405);
    assert_eq!(agent.send(reqwest::Method::HEAD, &app.url("/signout"), &LINK, None).await.status, 405);
    assert_eq!((agent.cookies(), app.revocations()), (cookies, 0));

    assert_eq!(agent.send(reqwest::Method::GET, &app.url("/signout"), &LINK, None).await.status, 303);
    assert!(agent.cookies().is_empty());
}

/// As a browser says of a link on this site.
const LINK: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

#[rocket::async_test]
async fn the_other_form_goes_straight_to_the_sign_in_page() {
    let app = start().await;
    let agent = app.signed_in("alice").await;
    let answer = agent.post(&app.url("/switch?next=/me"), &SAME_ORIGIN, &[]).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with(&format!("{}/logout?", app.pool.base_url())));
    let expected = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", &app.url("/auth/callback")),
        ("code_challenge_method", "S256"),
        ("scope", "openid email"),
        ("login_hint", "bob"),
        ("logout_uri", ""),
    ];
    for (name, value) in expected {
        assert_eq!(answer.location_parameter(name), value, "{name}");
    }
    assert_eq!(agent.cookies().len(), 1, "that of the new attempt");
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);

    let page = agent.open(&answer.location()).await;
    let callback = agent.post(&page.location(), &[], &[("username", "bob"), ("password", "Passw0rd!")]).await;
    let landed = agent.follow(&callback.location()).await;
    assert_eq!((landed.url.path(), landed.body.as_str()), ("/me", "bob"));
}

#[rocket::async_test]
async fn a_sign_out_here_alone_goes_to_a_path_of_the_app() {
    let app = start().await;
    for (path, location) in [("/goodbye", "/goodbye"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let agent = app.signed_in("alice").await;
        let answer = agent.post(&app.url(&format!("/leave?path={path}")), &SAME_ORIGIN, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, location), "{path}");
        assert!(agent.cookies().is_empty());
        let login = agent.open(&app.url("/auth/login")).await;
        let again = code_for(&agent, &login, "nobody types anything").await;
        assert!(again.contains("code="), "the pool's own session goes on: {again}");
    }
}

#[rocket::async_test]
async fn scripts_are_told_where_to_go() {
    let app = start().await;
    let agent = app.signed_in("alice").await;
    let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let answer = agent.post(&app.url("/signout"), &headers, &[]).await;
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert!(body["logout_url"].as_str().unwrap().starts_with(&app.pool.base_url()), "{body}");
    assert!(agent.cookies().is_empty());
}

/// A guard in a catcher noted its own change of the session, and the sign-out was forgotten.
#[rocket::async_test]
async fn a_sign_out_stands_though_it_leads_nowhere_and_a_catcher_asks_for_the_session() {
    let setup = Setup::new().set("routes", ["login", "callback"]).set("logout_path", "/signout");
    let build = |rocket: Rocket<Build>| {
        rocket
            .attach(Cognito::fairing())
            .mount("/", routes![me, stumble])
            .register("/", catchers().without(400))
            .register("/", rocket::catchers![stumbled])
    };
    let app = setup.start_with(build).await;
    let agent = app.signed_in("alice").await;
    let answer = agent.post(&app.url("/stumble"), &SAME_ORIGIN, &[]).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(agent.cookies().is_empty());
    assert_eq!(app.revocations(), 1);
}
