//! Who is redirected to sign in, and who is told 401.

use reqwest::Method;
use serde_json::Value;

use crate::site::{Site, build};
use crate::support::agent::Agent;
use crate::support::pool::Visit;

const BROWSERS: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// H8.
#[rocket::async_test]
async fn only_a_browser_that_opens_a_page_is_redirected() {
    let site = Site::start(build).await;
    let mut redirects = 0;
    for accept in [BROWSERS, "text/html", "application/json", "*/*"] {
        for mode in
            [None, Some("navigate"), Some("cors"), Some("no-cors"), Some("same-origin"), Some("websocket")]
        {
            for (method, path) in [(Method::GET, "/me"), (Method::HEAD, "/me"), (Method::POST, "/change")] {
                let mut headers = vec![("accept", accept)];
                headers.extend(mode.map(|mode| ("sec-fetch-mode", mode)));
                let what = format!("{method} with {headers:?}");
                let page = Agent::new().send(method.clone(), &site.url(path), &headers, None).await;
                let html = accept.starts_with("text/html");
                let opens = matches!(mode, None | Some("navigate")) && method != Method::POST;
                if html && opens {
                    redirects += 1;
                    assert_eq!(
                        (page.status.as_u16(), page.header("location")),
                        (303, "/auth/login?next=%2Fme"),
                        "{what}"
                    );
                    assert_eq!(page.body, "", "{what}");
                } else {
                    assert_eq!((page.status.as_u16(), page.header("location")), (401, ""), "{what}");
                    assert_eq!(page.header("www-authenticate"), "Bearer", "{what}");
                    let media = if html { "text/html; charset=utf-8" } else { "application/json" };
                    assert_eq!(page.header("content-type"), media, "{what}");
                    if method != Method::HEAD && !html {
                        let body: Value = serde_json::from_str(&page.body).unwrap();
                        assert_eq!(body["error"], "not_signed_in", "{what}");
                    }
                }
            }
        }
    }
    assert_eq!(redirects, 8);
}

/// H8: there is nothing to sign in for where another credential was sent, or where signing in would not help.
#[rocket::async_test]
async fn a_bad_token_and_a_missing_group_are_told_and_not_redirected() {
    let site = Site::start(build).await;
    let html = ("accept", BROWSERS);
    let navigation = [html, ("sec-fetch-mode", "navigate"), ("authorization", "Bearer nonsense")];
    let page = Agent::new().send(Method::GET, &site.url("/me"), &navigation, None).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (401, ""));
    let visit = Visit::begin(&site.url("")).await;
    visit.sign_in(&site.pool).await;
    let page = visit.agent.open(&site.url("/admin")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (403, ""));
}
