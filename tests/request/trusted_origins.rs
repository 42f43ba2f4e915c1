//! The app's front ends at other origins: what they may send, and that nothing makes more of them.

use reqwest::Method;
use rocket::{Build, Rocket, delete, patch, post, put, routes};
use rocket_cognito::{Cognito, CognitoUser};

use crate::outcome;
use crate::support::agent::Agent;
use crate::support::app::{self, App, Setup};
use crate::support::settings;

const FRONT_END: &str = "https://shop.example.com:8443";

#[post("/change")]
fn post(_user: CognitoUser) {}

#[put("/change")]
fn put(_user: CognitoUser) {}

#[patch("/change")]
fn patch(_user: CognitoUser) {}

#[delete("/change")]
fn delete(_user: CognitoUser) {}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    app::build(rocket).mount("/", routes![post, put, patch, delete])
}

async fn start(trusted: &[&str]) -> App {
    Setup::new().set("trusted_origins", trusted).accepted_host("127.0.0.1").start_with(build).await
}

type Headers<'h> = &'h [(&'h str, &'h str)];

/// Everything that needs proof of where it comes from, a sign-out last.
const UNSAFE: [(Method, &str, Headers<'_>); 7] = [
    (Method::POST, "/change", &[]),
    (Method::PUT, "/change", &[]),
    (Method::PATCH, "/change", &[]),
    (Method::DELETE, "/change", &[]),
    (Method::GET, "/me", &[("upgrade", "websocket"), ("connection", "upgrade")]),
    (Method::POST, "/auth/refresh", &[("sec-fetch-mode", "cors")]),
    (Method::POST, "/auth/logout", &[("sec-fetch-mode", "cors")]),
];

/// The answers to everything unsafe that `agent` sends with these headers.
async fn answers(app: &App, agent: &Agent, headers: Headers<'_>) -> Vec<u16> {
    let mut answers = Vec::new();
    for (method, path, more) in UNSAFE {
        let page = agent.send(method, &app.url(path), &[headers, more].concat(), None).await;
        if page.status == 403 {
            assert_eq!((outcome(&page).1.as_str(), page.set_cookies()), ("cross_site", vec![]), "{path}");
        }
        answers.push(page.status.as_u16());
    }
    answers
}

const TAKEN: [u16; 7] = [200, 200, 200, 200, 200, 204, 200];

/// The front end may be of the same site or of another, and its browser may not say which.
#[rocket::async_test]
async fn a_front_end_at_a_trusted_origin_may_change_things() {
    let app = start(&[FRONT_END, "http://localhost:5173"]).await;
    for origin in [FRONT_END, "http://localhost:5173"] {
        for site in [Some("same-site"), Some("cross-site"), None] {
            let mut headers = vec![("origin", origin)];
            headers.extend(site.map(|site| ("sec-fetch-site", site)));
            let agent = app.signed_in("alice").await;
            assert_eq!(answers(&app, &agent, &headers).await, TAKEN, "{headers:?}");
        }
    }
}

/// Which of two hosts a page is at makes no difference, and browsers say `same-site` of each other's.
#[rocket::async_test]
async fn a_page_at_one_of_the_callbacks_may_change_things_at_another() {
    let app = start(&[]).await;
    let accepted = app.origin().replace("localhost", "127.0.0.1");
    for origin in [app.origin(), accepted] {
        for site in ["same-site", "cross-site"] {
            let agent = app.signed_in("alice").await;
            let headers = [("origin", origin.as_str()), ("sec-fetch-site", site)];
            assert_eq!(answers(&app, &agent, &headers).await, TAKEN, "{headers:?}");
        }
    }
}

#[rocket::async_test]
async fn no_other_origin_and_no_header_widens_trusted_origins() {
    let app = start(&[FRONT_END]).await;
    let agent = app.signed_in("alice").await;
    let origins = [
        "https://evil.example",
        "https://shop.example.com",
        "https://shop.example.com:443",
        "https://shop.example.com:84430",
        "https://shop.example.com:844",
        "https://shop.example.com.evil.example:8443",
        "https://evilshop.example.com:8443",
        "https://evil.shop.example.com:8443",
        "https://example.com:8443",
        "http://shop.example.com:8443",
        "https://Shop.example.com:8443",
        "HTTPS://shop.example.com:8443",
        "https://shop.example.com.:8443",
        "https://shop.example.com:8443/",
        "https://shop.example.com:8443@evil.example",
        "https://evil.example@shop.example.com:8443",
        "https://shop.example.com:8443 https://evil.example",
        "https://evil.example, https://shop.example.com:8443",
        "shop.example.com:8443",
        "null",
        "",
    ];
    for site in ["cross-site", "same-site", "", "same-origin, none"] {
        for origin in origins {
            let headers = [("origin", origin), ("sec-fetch-site", site)];
            assert_eq!(answers(&app, &agent, &headers).await, [403; 7], "{headers:?}");
        }
        let rows: [Headers<'_>; 7] = [
            &[],
            &[("origin", FRONT_END), ("origin", FRONT_END)],
            &[("origin", FRONT_END), ("origin", "https://evil.example")],
            &[("referer", "https://shop.example.com:8443/page")],
            &[("origin", "https://evil.example"), ("referer", "https://shop.example.com:8443/")],
            &[
                ("origin", "https://evil.example"),
                ("host", "evil.example"),
                ("x-forwarded-host", "evil.example"),
                ("x-forwarded-proto", "https"),
            ],
            &[
                ("origin", "https://evil.example"),
                ("forwarded", "host=evil.example;proto=https"),
                ("x-original-host", "shop.example.com:8443"),
                ("x-forwarded-origin", FRONT_END),
            ],
        ];
        for row in rows {
            let headers = [row, &[("sec-fetch-site", site)]].concat();
            assert_eq!(answers(&app, &agent, &headers).await, [403; 7], "{headers:?}");
        }
    }
    assert_eq!(agent.get(&app.url("/me")).await.status, 200, "the session goes on");
}

/// Whose pages may send requests is one thing, where a sign-in or a link leads another.
#[rocket::async_test]
async fn a_trusted_origin_is_no_target_and_no_callback_and_signs_nobody_out_by_a_link() {
    let app = start(&[FRONT_END]).await;
    for next in [FRONT_END.to_owned(), format!("{FRONT_END}/page"), "//shop.example.com:8443/".to_owned()] {
        let agent = Agent::new();
        let callback = app.begin(&agent, &next).await;
        assert!(callback.starts_with(&app.url("/auth/callback?")), "{callback}");
        assert_eq!(agent.get(&callback).await.header("location"), "/", "{next}");
    }
    let agent = app.signed_in("alice").await;
    let link = [
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("origin", FRONT_END),
    ];
    let page = agent.send(Method::GET, &app.url("/auth/logout"), &link, None).await;
    assert_eq!(outcome(&page), (405, "method_not_allowed".to_owned()));
}

#[test]
fn an_origin_that_cannot_be_trusted_is_told_with_the_remedy() {
    for (value, problem) in [
        ("https://shop.example.com/", "has a path"),
        ("https://shop.example.com/page", "has a path"),
        ("http://shop.example.com", "uses `http`"),
        ("https://*.example.com", "no valid host"),
        ("*", "no scheme"),
        ("null", "no scheme"),
    ] {
        let figment = settings("https://keys.example.com/").merge(("cognito.trusted_origins", [value]));
        let told = Cognito::check_settings(&figment).unwrap_err().to_string();
        assert!(told.starts_with("1 setting needs"), "{told}");
        for words in ["`trusted_origins`", problem, "trusted_origins = [\"https://shop.example.com\"]"] {
            assert!(told.contains(words), "{words:?} is not in:\n{told}");
        }
    }
    let words = settings("https://keys.example.com/")
        .merge(("cognito.trusted_origins", "https://a.example http://localhost:5173"));
    assert!(Cognito::check_settings(&words).is_ok());
}
