//! `cookie_samesite = "strict"`: a sign-in ends in a page that moves on.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup};

async fn start(same_site: &str) -> App {
    Setup::new().set("cookie_samesite", same_site).start().await
}

/// What the app answers to the callback of a sign-in that leads to `next`, which stands in a query as it is.
async fn completed(app: &App, agent: &Agent, next: &str) -> Page {
    agent.open(&app.begin(agent, next).await).await
}

/// K20. The page shows its own style and nothing else, and is for one reader once.
#[rocket::async_test]
async fn a_strict_sign_in_ends_in_a_page_that_moves_on_without_a_script() {
    let page = completed(&start("strict").await, &Agent::new(), "/me").await;
    assert_eq!(page.status, 200);
    let style = page.body.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(style));
    let policy =
        format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'");
    for (name, value) in [
        ("location", ""),
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &policy),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("vary", ""),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    assert!(page.body.contains(r#"<meta http-equiv="refresh" content="0; url=/me">"#), "{}", page.body);
    assert!(page.body.contains(r#"<a class="button" href="/me">"#), "{}", page.body);
    assert!(!page.body.contains("<script"));
}

/// K20, H7.
#[rocket::async_test]
async fn no_page_asked_for_breaks_out_of_the_page_that_moves_on() {
    let (app, agent) = (start("strict").await, Agent::new());
    for (next, location) in [
        ("/me?x=%2522%253E%253Cb%253E", "/me?x=%22%3E%3Cb%3E"),
        ("/me?%22%3E%3Cscript%3E", "/me?&quot;&gt;&lt;script&gt;"),
        ("/me?';url=//evil.example", "/me?&#x27;;url=//evil.example"),
        ("//evil.example", "/"),
    ] {
        let page = completed(&app, &agent, next).await;
        let (refresh, link) = (format!("content=\"0; url={location}\">"), format!("href=\"{location}\">"));
        assert!(page.body.contains(&refresh) && page.body.contains(&link), "{next}:\n{}", page.body);
    }
}

/// K20: it takes the place of the redirect that ends a sign-in, and of no other.
#[rocket::async_test]
async fn other_redirects_stay_redirects_with_strict_cookies() {
    let (app, agent) = (start("strict").await, Agent::new());
    assert_eq!(agent.open(&app.url("/auth/login")).await.status, 303);
    assert_eq!(agent.open(&app.url("/me")).await.status, 303);
    let callback = app.begin(&agent, "/me").await;
    assert_eq!(agent.open(&callback).await.status, 200);
    assert_eq!(agent.open(&callback).await.status, 303, "the same again makes no session");
    let declined = agent.open(&app.url("/auth/callback?error=access_denied&state=x")).await;
    assert_eq!(declined.status, 303, "whoever is signed in goes on");
    let same_origin = [("sec-fetch-site", "same-origin")];
    assert_eq!(agent.post(&app.url("/auth/logout"), &same_origin, &[]).await.status, 303);
}

/// K3: what a browser keeps to itself, because another site led it here, goes all the same.
#[rocket::async_test]
async fn strict_cookies_that_were_not_sent_are_removed_too() {
    for (same_site, expected) in
        [("lax", vec![]), ("strict", vec!["access_token", "id_token", "refresh_token", "session"])]
    {
        let app = start(same_site).await;
        let answer = Agent::new().post(&app.url("/auth/logout"), &[("sec-fetch-site", "none")], &[]).await;
        let removed: BTreeSet<_> =
            answer.set_cookies().into_iter().map(|cookie| cookie.split('=').next().unwrap()).collect();
        let expected = expected.into_iter().map(|name| format!("cognito_{name}")).collect::<Vec<_>>();
        assert_eq!(removed.into_iter().collect::<Vec<_>>(), expected, "{same_site}");
    }
}
