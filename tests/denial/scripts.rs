//! No text from a request or from the pool comes back in a page, nor runs in one.

use reqwest::{Method, Url};
use rocket::response::content::RawHtml;
use rocket::{Build, Rocket, get, routes};
use serde_json::json;

use crate::pages::links;
use crate::payloads::PAYLOADS;
use crate::site::{Site, build};
use crate::snapshot::{PAGE, PROGRAM};
use crate::support::agent::{Agent, Page};
use crate::support::browser::browse;
use crate::support::encoded;
use crate::support::pool::Visit;

const HINTS: [&str; 5] = ["identity_provider", "idp_identifier", "login_hint", "lang", "prompt"];

/// Holds that the answer repeats nothing, in whatever letters.
#[track_caller]
fn assert_silent(page: &Page, what: &str) {
    let body = page.body.to_lowercase();
    for word in ["canary", "evil.example", "<script", "onerror", "onload", "javascript:"] {
        assert!(!body.contains(word), "{what} comes back:\n{}", page.body);
    }
}

/// H7.
#[rocket::async_test]
async fn no_payload_comes_back_in_a_body() {
    let site = Site::start(build).await;
    let mut answers = 0;
    for payload in PAYLOADS {
        let text = encoded(payload);
        let mut paths = vec![
            format!("/auth/callback?state={text}&code=x"),
            format!("/auth/callback?state=x&code={text}"),
            format!("/auth/callback?state=x&error={text}"),
            format!("/auth/callback?{text}={text}"),
            format!("/auth/login?next={text}"),
            format!("/auth/login?next={text}&next={text}"),
            format!("/auth/logout?next={text}"),
            format!("/me?{text}"),
        ];
        paths.extend(HINTS.iter().map(|hint| format!("/auth/login?{hint}={text}&{hint}={text}")));
        for headers in [PROGRAM, PAGE] {
            for path in &paths {
                let page = Agent::new().send(Method::GET, &site.url(path), headers, None).await;
                assert!(page.status.as_u16() < 500, "{path}");
                assert_silent(&page, path);
                answers += 1;
            }
            for query in [
                "error={}",
                "error=access_denied&error_description={}",
                "error=x&error_uri={}",
                "code=x&iss={}",
            ] {
                let visit = Visit::begin(&site.url("")).await;
                let url =
                    site.url(&format!("/auth/callback?state={}&{}", visit.state, query.replace("{}", &text)));
                let page = visit.agent.send(Method::GET, &url, headers, None).await;
                assert!([400, 403].contains(&page.status.as_u16()), "{url}");
                assert_silent(&page, &url);
                answers += 1;
            }
        }
    }
    assert_eq!(answers, 72 * 2 * (13 + 4));
}

/// H7: the page asked for stands in a link, of which no letter means anything to HTML.
#[rocket::async_test]
async fn the_page_asked_for_comes_back_as_a_harmless_link() {
    let site = Site::start(build).await;
    let mut kept = 0;
    for payload in PAYLOADS {
        let agent = Agent::new();
        let next = encoded(&format!("/page?q={payload}"));
        let login = agent.get(&site.url(&format!("/auth/login?next={next}"))).await;
        let url = format!("/auth/callback?error=access_denied&state={}", login.location_parameter("state"));
        let page = agent.send(Method::GET, &site.url(&url), PAGE, None).await;
        assert_eq!(page.status, 403);
        let (mut body, mut repeated) = (page.body.clone(), 0);
        for link in links(&page.body).into_iter().filter(|link| link.contains("canary")) {
            let harmless = |byte: u8| byte.is_ascii_graphic() && !b"<>\"'`\\".contains(&byte);
            assert!(
                link.starts_with("/auth/login?next=%2F") && link.bytes().all(harmless),
                "{payload}: {link}"
            );
            body = body.replace(link, "");
            repeated += 1;
        }
        assert!(!body.contains("canary"), "{payload}: {body}");
        kept += repeated;
    }
    assert!(kept > 20, "of {} payloads {kept} may stand in a path as they are", PAYLOADS.len());
}

/// What a page without escaping would do.
#[get("/reflected?<text>")]
fn reflected(text: &str) -> RawHtml<String> {
    RawHtml(format!("<!doctype html><script>ran = 0; canary = () => ran++</script><p>{text}"))
}

fn with_reflection(rocket: Rocket<Build>) -> Rocket<Build> {
    build(rocket).mount("/", routes![reflected])
}

/// H7.
#[rocket::async_test]
async fn no_payload_runs_in_a_browser() {
    browse(async |browser| {
        let site = Site::start(with_reflection).await;
        let mut running = 0;
        for payload in PAYLOADS.into_iter().step_by(3) {
            let text = encoded(payload);
            browser.open(&site.url(&format!("/reflected?text={text}"))).await;
            running += usize::from(browser.script("return window.ran > 0").await == json!(true));
            // What it complains about here is of no interest.
            browser.complaints().await;

            browser.open(&site.url(&format!("/auth/login?next=/page?q={text}"))).await;
            let authorize = Url::parse(&browser.url().await).unwrap();
            let state = authorize.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
            let refused = format!("error={text}&error_description={text}&error_uri={text}");
            for (path, title) in [
                (format!("/auth/callback?state={state}&{refused}"), "Sign-in not completed"),
                (format!("/auth/callback?state={text}&error={text}"), "Sign-in not completed"),
                (format!("/auth/login?next={text}&next={text}"), "Sign-in link not understood"),
                (format!("/auth/login?login_hint={text}&login_hint={text}"), "Sign-in link not understood"),
            ] {
                browser.open(&site.url(&path)).await;
                assert_eq!(browser.text("h1").await, title, "{payload}");
                let elements = "return document.querySelectorAll('script, img, svg, iframe, object, embed, base, link').length";
                assert_eq!(browser.script(elements).await, 0, "{payload}");
                // A script would have called what is not there, and a policy would have had something to refuse.
                assert_eq!(browser.complaints().await, Vec::<String>::new(), "{payload}");
            }
        }
        assert!(running >= 10, "where they are reflected, they run: {running}");
    })
    .await;
}
