//! Where redirects lead, and by which status.

use reqwest::Method;

use super::{BROWSER, raw, send, start};
use crate::support::agent::{Agent, Page};
use crate::support::app::App;

const SAME_ORIGIN: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// A path of this site, a page of it by its configured name, or one of the pool's two pages.
fn is_expected(app: &App, location: &str) -> bool {
    let pool = app.pool.base_url();
    let targets =
        [format!("{pool}/oauth2/authorize?"), format!("{pool}/logout?"), app.url("/auth/login?moved=1")];
    let path = location.starts_with('/') && !location.starts_with("//");
    path || targets.iter().any(|target| location.starts_with(target))
}

/// H5: a form with a password or a code is never sent on.
#[rocket::async_test]
async fn every_redirect_is_a_303() {
    let app = start().await;
    let agent = Agent::new();
    let get = async |path: &str, headers: &[(&str, &str)]| {
        send(&agent, Method::GET, &app.url(path), &[headers]).await
    };
    let post = async |headers: &[(&str, &str)]| agent.post(&app.url("/auth/logout"), headers, &[]).await;
    let delivery = app.begin(&agent, "/me").await;
    let pages: Vec<(&str, Page)> = vec![
        ("a guarded page", get("/me", &BROWSER).await),
        ("login", get("/auth/login", &[]).await),
        ("login, HEAD", send(&agent, Method::HEAD, &app.url("/auth/login"), &[]).await),
        ("login under another name", get("/auth/login", &[("host", "127.0.0.1")]).await),
        ("callback", agent.get(&delivery).await),
        ("callback, again", agent.get(&delivery).await),
        ("logout", post(&SAME_ORIGIN).await),
        ("logout, again", post(&SAME_ORIGIN).await),
        ("logout by link", get("/auth/logout", &SAME_ORIGIN).await),
    ];
    for (what, page) in pages {
        assert_eq!(page.status, 303, "{what}: {}", page.body);
        assert!(is_expected(&app, page.header("location")), "{what}: {}", page.header("location"));
    }
    // A form is refused rather than led through a sign-in that would lose it.
    let form = agent.post(&app.url("/change"), &BROWSER, &[("amount", "1")]).await;
    assert_eq!((form.status.as_u16(), form.header("location")), (401, ""));
}

/// C23, R7.
#[rocket::async_test]
async fn no_host_that_a_request_names_becomes_a_target() {
    let app = start().await;
    let callback = app.url("/auth/callback").replace(':', "%3A").replace('/', "%2F");
    let names = [
        "Host: evil.example",
        "Host: evil.example:80",
        "Host: localhost:1@evil.example",
        "Host: evil.example@localhost",
        "Host: localhost.evil.example",
        "Host: localhost, evil.example",
        "Host: 127.0.0.1:9",
        "Host: 127.0.0.1:evil.example",
        "Host: 127.0.0.1/evil.example",
        "Host: 127.0.0.1\\evil.example",
        "Host: 127.0.0.1#evil.example",
        "Host: [::1]:9",
        "Host: LOCALHOST",
        "Host: //evil.example",
        "Host: a b",
        "Host: ",
        "Host: localhost\r\nHost: evil.example",
        "Host: evil.example\r\nHost: localhost",
        "X-No-Host: evil.example",
    ];
    for name in names {
        for (target, version) in [
            ("/auth/login", "1.1"),
            ("/auth/login", "1.0"),
            ("http://evil.example/auth/login", "1.1"),
            ("https://localhost@evil.example/auth/login", "1.1"),
        ] {
            let answer = raw(&app, &format!("GET {target} HTTP/{version}"), &format!("{name}\r\n")).await;
            assert_eq!(answer.status, 303, "{name} {target}");
            let leads_to_pool = answer.location.contains(&format!("&redirect_uri={callback}&"));
            let moves = answer.location == app.url("/auth/login?moved=1");
            assert!(
                is_expected(&app, &answer.location) && (leads_to_pool || moves),
                "{name}: {}",
                answer.location
            );
            assert!(!answer.text.contains("evil.example"), "{name}: {}", answer.text);
        }
        for target in ["/admin", "//admin", "http://evil.example/admin", "http://evil.example//admin"] {
            let headers = format!("{name}\r\nAccept: text/html\r\n");
            let answer = raw(&app, &format!("GET {target} HTTP/1.1"), &headers).await;
            assert_eq!(answer.status, 303, "{name} {target}");
            let login = answer.location.strip_prefix("/auth/login").expect("the login");
            assert!(login.is_empty() || login.starts_with("?next=%2F"), "{name}: {}", answer.location);
            assert!(!answer.text.contains("evil.example"), "{name}: {}", answer.text);
        }
    }
}
