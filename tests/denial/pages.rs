//! What pages tell browsers to allow, and what bodies do not tell anybody.

use rocket::shield::Shield;
use rocket::{Build, Rocket};

use crate::refusals::{Refusal, refusals};
use crate::site::{FAILED, Site, build};
use crate::snapshot::{PAGE, PROGRAM};
use crate::support::forge::{CLIENT_ID, POOL_ID};
use crate::support::pool::{CLIENT_SECRET, SECRET_KEY};

/// As with an application that leaves Rocket's own headers out.
fn without_shield(rocket: Rocket<Build>) -> Rocket<Build> {
    build(rocket).attach(Shield::new())
}

/// Holds that every page of refusal has a header with this value, or where it has several, with all of these.
async fn assert_pages_say(site: &Site, name: &str, values: &[&str]) {
    for Refusal { code, page, .. } in refusals(site, PAGE).await {
        let header = page.header(name);
        for value in values {
            assert!(header.contains(value), "{code}: {name} is {header:?}, not {value:?}");
        }
    }
}

/// H4.
#[rocket::async_test]
async fn pages_allow_no_source_and_no_frame_even_without_rockets_shield() {
    let site = Site::start(without_shield).await;
    assert_pages_say(&site, "content-security-policy", &["default-src 'none'", "frame-ancestors 'none'"])
        .await;
    assert_pages_say(&site, "cache-control", &["no-store"]).await;
}

/// H4.
#[rocket::async_test]
async fn pages_are_not_sniffed_even_without_rockets_shield() {
    assert_pages_say(&Site::start(without_shield).await, "x-content-type-options", &["nosniff"]).await;
}

/// H4.
#[rocket::async_test]
async fn pages_share_no_window_with_other_origins() {
    for build in [build, without_shield] {
        assert_pages_say(&Site::start(build).await, "cross-origin-opener-policy", &["same-origin"]).await;
    }
}

/// Where links and forms of a page lead.
pub fn links(page: &str) -> Vec<&str> {
    let parts = ["href=\"", "action=\"", "src=\""].into_iter().flat_map(|start| page.split(start).skip(1));
    parts.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// H12.
#[rocket::async_test]
async fn no_body_names_a_host_a_file_or_a_secret() {
    let site = Site::start(build).await;
    let hosts = ["localhost", "127.0.0.1", "amazon", "cognito-idp", "http:", "https:", "www."];
    let files = ["src/", ".rs", "/tmp", ".cargo", "rustc", "panicked", env!("CARGO_MANIFEST_DIR")];
    let settings = [POOL_ID, CLIENT_ID, CLIENT_SECRET, SECRET_KEY];
    for asked in [PROGRAM, PAGE] {
        let refusals = refusals(&site, asked).await;
        assert!(refusals.len() >= 24);
        for Refusal { code, page, secrets, .. } in &refusals {
            assert!(page.body.len() > 100, "{code}: {}", page.body);
            let words = hosts.iter().chain(&files).chain(&settings).copied();
            for word in words.chain(secrets.iter().map(String::as_str)) {
                assert!(!page.body.contains(word), "{code} tells {word:?}:\n{}", page.body);
            }
            for link in links(&page.body) {
                let pages = ["/me", "/admin", "/safe", "/for-sessions", "/for-machines", FAILED];
                let again = pages.map(|next| format!("/auth/login?next={}", next.replace('/', "%2F")));
                let begun = link.strip_suffix("&amp;prompt=login&amp;max_age=900").unwrap_or(link);
                let own = ["", "/", "/auth/login", "/auth/logout"];
                assert!(
                    own.contains(&link) || again.iter().any(|it| it == begun),
                    "{code} leads to {link:?}"
                );
            }
        }
        let with_secrets = refusals.iter().filter(|refusal| !refusal.secrets.is_empty()).count();
        assert!(with_secrets > 12, "{with_secrets} requests carried something to tell");
    }
}
