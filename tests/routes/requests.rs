//! What the routes and the 401 answer to requests that are no person's visit to a page: prefetches, frames, forms, htmx.

use reqwest::Method;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::{CognitoUser, Login, Logout};
use serde_json::Value;

use crate::support::agent::{Agent, Page};
use crate::support::app;
use crate::support::app::{App, Setup, without_catchers};

const PAGE: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");
const HTMX: [(&str, &str); 2] = [("hx-request", "true"), ("sec-fetch-mode", "cors")];
const TURBO: [(&str, &str); 2] =
    [("accept", "text/vnd.turbo-stream.html, text/html, application/xhtml+xml"), ("sec-fetch-mode", "cors")];

#[get("/signin")]
fn signin() -> Login {
    Login::new().next("/me")
}

#[post("/signin")]
fn signin_by_form() -> Login {
    Login::new().next("/me")
}

#[post("/switch")]
fn switch() -> Logout {
    Logout::and_sign_in(Login::new().next("/me"))
}

#[post("/leave")]
fn leave() -> Logout {
    Logout::here_and_go_to("/page")
}

#[post("/comment")]
fn comment(_user: CognitoUser) {}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    app::build(rocket).mount("/", routes![signin, signin_by_form, switch, leave, comment])
}

async fn start() -> App {
    Setup::new().start_with(build).await
}

async fn get_with(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Page {
    agent.send(Method::GET, url, &[&PAGE, headers].concat(), None).await
}

async fn post_with(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Page {
    agent.send(Method::POST, url, &[headers, &[SAME_ORIGIN]].concat(), Some(&[("text", "typed")])).await
}

/// The link of a page that begins a sign-in.
fn sign_in_link(page: &Page) -> String {
    let link = page.body.split("href=\"").find(|link| link.starts_with("/auth/login")).expect("a link");
    link.split('"').next().unwrap().to_owned()
}

#[rocket::async_test]
async fn a_prefetch_begins_no_sign_in() {
    let app = start().await;
    for header in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "prefetch;anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
        ("x-sec-purpose", "prefetch"),
    ] {
        for (path, status) in
            [("/me", 401), ("/auth/login", 503), ("/auth/login?next=/me&prompt=login", 503), ("/signin", 503)]
        {
            let agent = Agent::new();
            let page = get_with(&agent, &app.url(path), &[header]).await;
            assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{path}, {header:?}");
            assert_eq!(page.header("cache-control"), "no-store", "{path}, {header:?}");
            assert!(agent.cookies().is_empty(), "{path}, {header:?}");
        }
    }
    // Whoever is signed in gets the page ahead of time.
    let agent = app.signed_in("alice").await;
    assert_eq!(get_with(&agent, &app.url("/me"), &[("sec-purpose", "prefetch")]).await.status, 200);
}

#[rocket::async_test]
async fn a_guarded_page_in_a_frame_leads_out_of_it() {
    let app = start().await;
    for destination in ["iframe", "frame", "embed", "object", "fencedframe"] {
        let headers = [("sec-fetch-dest", destination), ("referer", &app.url("/page?around"))];
        for (path, status) in [("/me", 401), ("/auth/login?next=/me", 401), ("/signin", 401)] {
            let agent = Agent::new();
            let page = get_with(&agent, &app.url(path), &headers).await;
            assert_eq!(
                (page.status.as_u16(), page.header("location")),
                (status, ""),
                "{path}, {destination}"
            );
            assert!(page.body.contains("target=\"_top\""), "{path}: {}", page.body);
            assert!(page.header("content-security-policy").contains("frame-ancestors 'self'"), "{path}");
            let next = if path == "/me" { "%2Fpage%3Faround" } else { "%2Fme" };
            assert_eq!(sign_in_link(&page), format!("/auth/login?next={next}"));
            assert!(agent.cookies().is_empty(), "{path}, {destination}");
        }
    }
    for destination in ["document", "empty", ""] {
        let page = get_with(&Agent::new(), &app.url("/me"), &[("sec-fetch-dest", destination)]).await;
        assert_eq!(page.status, 303, "{destination:?}");
    }
    // Pages in windows of their own stay out of frames.
    let page = get_with(&Agent::new(), &app.url("/auth/callback"), &[]).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[rocket::async_test]
async fn what_answers_a_form_and_leads_to_the_pool_is_a_page_of_this_site() {
    let app = start().await;
    for (path, endpoint) in
        [("/auth/logout", "/logout?"), ("/switch", "/logout?"), ("/signin", "/oauth2/authorize?")]
    {
        let agent = app.signed_in("alice").await;
        let page = post_with(&agent, &app.url(path), &PAGE).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (200, ""), "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(page.leads_to().starts_with(&(app.pool.base_url() + endpoint)), "{path}: {}", page.body);
        assert!(page.body.contains(">Go on</a>"), "for browsers that do not refresh: {}", page.body);
        assert_eq!(page.header("cache-control"), "no-store");

        // A program follows redirects.
        let agent = app.signed_in("alice").await;
        let answer = post_with(&agent, &app.url(path), &[("accept", "*/*")]).await;
        assert_eq!(answer.status, 303, "{path}");
    }
    // What stays on this site redirects.
    let agent = app.signed_in("alice").await;
    assert_eq!(post_with(&agent, &app.url("/leave"), &PAGE).await.header("location"), "/page");
    // So does a link.
    let agent = app.signed_in("alice").await;
    let own = [SAME_ORIGIN, ("sec-fetch-dest", "document")];
    assert_eq!(get_with(&agent, &app.url("/auth/logout"), &own).await.status, 303);

    let agent = app.signed_in("alice").await;
    let framed = [&PAGE[..], &[("sec-fetch-dest", "iframe")]].concat();
    let page = post_with(&agent, &app.url("/auth/logout"), &framed).await;
    assert!(page.body.contains("target=\"_top\"") && !page.body.contains("refresh"), "{}", page.body);
}

#[rocket::async_test]
async fn a_form_sent_after_the_sessions_end_leads_back_to_its_page() {
    let app = start().await;
    let own = |path: &str| app.url(path);
    let rows = [
        (own("/page?draft=7"), "/auth/login?next=%2Fpage%3Fdraft%3D7"),
        (own("/page?draft=7#top"), "/auth/login?next=%2Fpage%3Fdraft%3D7"),
        ("https://evil.example/page".into(), "/auth/login"),
        (own(".evil.example/page"), "/auth/login"),
        (own("@evil.example/page"), "/auth/login"),
        (own("//evil.example"), "/auth/login"),
        (own("/auth/logout"), "/auth/login"),
        (own(""), "/auth/login"),
        (format!("{}?{}", own("/page"), "x".repeat(3_000)), "/auth/login"),
    ];
    for (referer, link) in rows {
        let headers = [&PAGE[..], &[("referer", referer.as_str())]].concat();
        let page = post_with(&Agent::new(), &app.url("/comment"), &headers).await;
        assert_eq!(page.status, 401, "{referer}");
        assert_eq!(sign_in_link(&page), link, "{referer}");
        assert!(
            page.body.contains("“back” returns to the form, and mostly keeps what you typed"),
            "{}",
            page.body
        );
    }
    let (one, other) = (own("/page"), own("/me"));
    let twice = [&PAGE[..], &[("referer", one.as_str()), ("referer", other.as_str())]].concat();
    assert_eq!(sign_in_link(&post_with(&Agent::new(), &app.url("/comment"), &twice).await), "/auth/login");

    // A script has no page, and no browser's button.
    let script = [("accept", "application/json"), ("sec-fetch-mode", "cors")];
    let answer = post_with(&Agent::new(), &app.url("/comment"), &script).await;
    assert!(answer.status == 401 && !answer.body.contains("back"), "{}", answer.body);
}

/// R1, R6: what htmx says of its page is judged as any other `next`.
#[rocket::async_test]
async fn htmx_is_led_to_the_login_and_back_to_its_page() {
    let app = start().await;
    let rows = [
        (app.url("/page?tab=2"), "/auth/login?next=%2Fpage%3Ftab%3D2"),
        ("https://evil.example/page".into(), "/auth/login"),
        (app.url("//evil.example"), "/auth/login"),
        (app.url("/auth/login"), "/auth/login"),
        (String::new(), "/auth/login"),
    ];
    for (current, expected) in rows {
        let headers = [&HTMX[..], &[("hx-current-url", current.as_str())]].concat();
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let path = if method == Method::GET { "/me" } else { "/comment" };
            let headers = [&headers[..], &[SAME_ORIGIN]].concat();
            let answer = Agent::new().send(method.clone(), &app.url(path), &headers, None).await;
            if method == Method::DELETE {
                assert_eq!((answer.status.as_u16(), answer.header("hx-redirect")), (404, ""));
                continue;
            }
            assert_eq!((answer.status.as_u16(), answer.header("location")), (401, ""), "{current}");
            assert_eq!(answer.header("hx-redirect"), expected, "{method} {current}");
        }
    }
    // Where a sign-in would not help, nobody is led to one.
    let bearer = [&HTMX[..], &[("authorization", "Bearer x.y.z")]].concat();
    let answer = Agent::new().send(Method::GET, &app.url("/me"), &bearer, None).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-redirect")), (401, ""));
    let plain = Agent::new().send(Method::GET, &app.url("/me"), &HTMX[1..], None).await;
    assert_eq!(plain.header("hx-redirect"), "");
}

#[rocket::async_test]
async fn htmx_and_turbo_follow_to_the_pool() {
    let app = start().await;
    for (path, endpoint) in
        [("/auth/logout", "/logout?"), ("/switch", "/logout?"), ("/signin", "/oauth2/authorize?")]
    {
        let pool = app.pool.base_url() + endpoint;
        let agent = app.signed_in("alice").await;
        let answer = post_with(&agent, &app.url(path), &HTMX).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""), "{path}");
        assert!(answer.header("hx-redirect").starts_with(&pool), "{path}: {}", answer.header("hx-redirect"));

        let agent = app.signed_in("alice").await;
        let answer = post_with(&agent, &app.url(path), &TURBO).await;
        assert_eq!(answer.header("content-type"), "text/vnd.turbo-stream.html", "{path}");
        assert!(
            answer.body.starts_with("<turbo-stream action=\"append\" targets=\"head\">"),
            "{}",
            answer.body
        );
        assert!(answer.leads_to().starts_with(&pool), "{path}: {}", answer.body);
        if path == "/auth/logout" {
            assert!(agent.cookies().is_empty(), "{path}");
        }
    }
    let agent = app.signed_in("alice").await;
    let answer = post_with(&agent, &app.url("/leave"), &HTMX).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-redirect")), (204, "/page"));
    let agent = app.signed_in("alice").await;
    assert_eq!(post_with(&agent, &app.url("/leave"), &TURBO).await.header("location"), "/page");
    // Any other script has its JSON.
    let agent = app.signed_in("alice").await;
    let answer = post_with(&agent, &app.url("/auth/logout"), &[("sec-fetch-mode", "cors")]).await;
    assert!(serde_json::from_str::<Value>(&answer.body).unwrap()["logout_url"].is_string());
}

/// Nobody but this site signs out, whatever the headers are called.
#[rocket::async_test]
async fn no_other_site_signs_out_in_the_name_of_a_front_end_library() {
    let app = start().await;
    for headers in [&HTMX[..], &TURBO[..]] {
        let agent = app.signed_in("alice").await;
        let headers =
            [headers, &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]].concat();
        let answer = agent.post(&app.url("/auth/logout"), &headers, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("hx-redirect")), (403, ""));
        assert_eq!(agent.get(&app.url("/me")).await.status, 200);
    }
}

/// Without our catchers Rocket answers the 401; nothing is added to what others say.
#[rocket::async_test]
async fn an_app_without_our_catchers_answers_htmx_itself() {
    let app = Setup::new().start_with(without_catchers).await;
    let answer = Agent::new().send(Method::GET, &app.url("/me"), &HTMX, None).await;
    assert_eq!((answer.status.as_u16(), answer.header("hx-redirect")), (401, ""));
}
