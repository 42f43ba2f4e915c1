//! What people see: a page of our own words, and programs JSON.

use reqwest::Method;
use serde_json::Value;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, without_catchers};
use crate::support::encoded;

/// All carry the word that must not come back.
const PAYLOADS: [&str; 16] = [
    "<script>canary()</script>",
    "\"><svg onload=canary()>",
    "'><img src=x onerror=canary()>",
    "</title><script>canary()</script>",
    "</style><script>canary()</script>",
    "{{ canary }}",
    "{{ title }}canary",
    "{% include 'canary' %}",
    "<!-- canary -->",
    "javascript:canary()",
    "&lt;canary&gt;",
    "&#60;canary&#62;",
    "canary\r\nX-Canary: canary",
    "canary\u{202e}\u{feff}",
    "\\u003ccanary\\u003e",
    "<a href=https://evil.example>canary</a>",
];

fn assert_silent(page: &Page, what: &str) {
    assert!(!page.body.to_lowercase().contains("canary"), "{what} comes back:\n{}", page.body);
    assert!(!page.headers.values().any(|value| value.as_bytes().windows(6).any(|word| word == b"canary")));
    assert_eq!(page.header("x-canary"), "");
}

/// What every page of ours says to the browser.
fn assert_page(page: &Page) {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "style-src 'sha256-"]
    {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.body.starts_with("<!doctype html>") && page.body.contains("<html lang=\"en\">"));
    assert!(page.body.contains("href=\"/auth/login"), "there is a way on");
    assert!(!page.body.contains("<script") && !page.body.contains("127.0.0.1"), "{}", page.body);
}

#[rocket::async_test]
async fn nothing_from_the_request_comes_back() {
    let app = App::start().await;
    for payload in PAYLOADS {
        let text = encoded(payload);
        for path in [
            format!("/auth/callback?state={text}&code=x"),
            format!("/auth/callback?state=x&code={text}&code=y"),
            format!("/auth/callback?{text}={text}"),
            format!("/auth/login?next={text}&next=x"),
            format!("/auth/login?login_hint={text}&login_hint={text}"),
        ] {
            for page in [Agent::new().open(&app.url(&path)).await, Agent::new().get(&app.url(&path)).await] {
                // A browser whose callback is not recognised begins again, and brings nothing of it along.
                assert!(page.status == 400 || page.header("location") == "/auth/login?again=1", "{path}");
                assert_silent(&page, &path);
            }
        }
        for name in ["error", "error_description", "error_uri", "iss"] {
            let agent = Agent::new();
            let state = agent.get(&app.url("/auth/login")).await.location_parameter("state");
            let first = if name == "error" { "" } else { "error=access_denied&" };
            let query = format!("{first}{name}={text}&state={state}");
            let page = agent.open(&app.url(&format!("/auth/callback?{query}"))).await;
            assert!([400, 403].contains(&page.status.as_u16()), "{name}: {}", page.status);
            assert_page(&page);
            assert_silent(&page, name);
            assert!(!page.body.contains(&state));
        }
    }
}

#[rocket::async_test]
async fn the_page_asked_for_comes_back_as_a_link_and_nothing_else() {
    let app = App::start().await;
    let agent = Agent::new();
    let next = encoded("/page?q=\"><script>x()</script>'&amp;{{title}}");
    let state = agent.get(&app.url(&format!("/auth/login?next={next}"))).await.location_parameter("state");
    let page = agent.open(&app.url(&format!("/auth/callback?state={state}&error=access_denied"))).await;
    assert_page(&page);
    assert!(page.body.contains("href=\"/auth/login?next=%2Fpage%3Fq%3D%22%3E%3Cscript%3E"), "{}", page.body);
}

#[rocket::async_test]
async fn browsers_get_a_page_and_programs_json() {
    for with_catchers in [true, false] {
        let app = match with_catchers {
            true => App::start().await,
            false => Setup::new().start_with(without_catchers).await,
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (query, status, title) in [
            ("error=access_denied", 403, "Sign-in declined"),
            ("error=server_error", 503, "Sign-in is unavailable"),
            ("error=invalid_scope", 503, "Sign-in is not set up correctly"),
            ("error=other", 400, "Sign-in not completed"),
            ("code=x", 400, "Sign-in not completed"),
        ] {
            for (accept, is_page) in
                [(browser, true), ("text/html", true), ("application/json", false), ("*/*", false)]
            {
                let agent = Agent::new();
                let state = agent.get(&app.url("/auth/login")).await.location_parameter("state");
                let url = app.url(&format!("/auth/callback?state={state}&{query}"));
                let page = agent.send(Method::GET, &url, &[("accept", accept)], None).await;
                assert_eq!(page.status, status);
                if is_page {
                    assert_page(&page);
                    assert!(page.body.contains(&format!("<h1>{title}</h1>")), "{}", page.body);
                } else {
                    assert_eq!(page.header("content-type"), "application/json");
                    let body: Value = serde_json::from_str(&page.body).unwrap();
                    assert_eq!(body.as_object().unwrap().len(), 3);
                }
            }
        }
    }
}

#[rocket::async_test]
async fn every_answer_of_our_routes_is_for_one_reader_once() {
    let app = App::start().await;
    let agent = Agent::new();
    let login = agent.get(&app.url("/auth/login")).await;
    let callback = agent.get(&app.begin(&agent, "/me").await).await;
    let wrong = agent.get(&app.url("/auth/callback")).await;
    let head = agent.send(Method::HEAD, &app.url("/auth/callback?state=x&code=y"), &[], None).await;
    let logout = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    let foreign = agent.post(&app.url("/auth/logout"), &[], &[]).await;
    for (page, status) in
        [(login, 303), (callback, 303), (wrong, 400), (head, 405), (logout, 303), (foreign, 403)]
    {
        assert_eq!(page.status, status);
        assert_eq!(page.header("cache-control"), "no-store", "{}", page.url);
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{}", page.url);
        assert_eq!(page.header("vary"), "", "nothing is stored: {}", page.url);
    }
}
