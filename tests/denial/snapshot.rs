//! All headers of all answers.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sha2::{Digest, Sha256};

use crate::refusals::{By, Refusal, refusals};
use crate::site::{Site, build, without_catchers};
use crate::support::agent::{Agent, Page};
use crate::support::pool::Visit;
use crate::support::rig::Reply;

pub const PROGRAM: &[(&str, &str)] = &[("accept", "application/json")];
/// A page, where `RedirectToLogin` might else redirect.
pub const PAGE: &[(&str, &str)] = &[("accept", "text/html"), ("sec-fetch-mode", "same-origin")];

/// Every code of a `Denial` that `refusals` asks for.
fn codes() -> BTreeSet<&'static str> {
    let lines = include_str!("../../docs/denials.md").lines();
    let codes = lines.filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    codes.filter(|code| !["login_used", "login_required"].contains(code)).collect()
}

type Headers = BTreeMap<String, String>;

/// The headers of an answer, but for cookies, of which other tests tell, and what differs anyway.
fn headers(page: &Page) -> Headers {
    let ignored = ["date", "content-length", "set-cookie", "cross-origin-opener-policy"];
    let mut headers = Headers::new();
    for (name, value) in page.headers.iter().filter(|(name, _)| !ignored.contains(&name.as_str())) {
        let twice = headers.insert(name.to_string(), value.to_str().unwrap().to_owned());
        assert_eq!(twice, None, "{name} stands twice at {}", page.url);
    }
    headers
}

fn expected(more: &[(&str, &str)]) -> Headers {
    let rockets = [
        ("server", "Rocket"),
        ("permissions-policy", "interest-cohort=()"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-content-type-options", "nosniff"),
    ];
    rockets.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const PRIVATE: [(&str, &str); 1] = [("cache-control", "no-store")];
const CONTENT_HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
const CONTENT_JSON: (&str, &str) = ("content-type", "application/json");
const SILENT: (&str, &str) = ("referrer-policy", "no-referrer");

/// What a refusal adds, by its code.
fn particular<'p>(code: &str, path: &str) -> Vec<(&'static str, &'p str)> {
    match code {
        "not_signed_in" | "bearer_required" | "other_scheme" | "session_required" => {
            vec![("www-authenticate", "Bearer")]
        }
        "login_too_old" => vec![(
            "www-authenticate",
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"More recent authentication is required\", max_age=\"900\"",
        )],
        "level_too_low" => vec![(
            "www-authenticate",
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"A stronger authentication is required\", \
             acr_values=\"urn:cognito:loa:4 urn:cognito:loa:3\"",
        )],
        "repeated_authorization" => vec![("www-authenticate", "Bearer error=\"invalid_request\"")],
        "session_expired"
        | "session_ended"
        | "session_in_doubt"
        | "invalid_token"
        | "missing_bearer_token"
        | "several_bearer_tokens"
        | "malformed_bearer_token" => {
            vec![("www-authenticate", "Bearer error=\"invalid_token\"")]
        }
        // After the first failure.
        "session_not_renewed" => vec![("retry-after", "1")],
        "pool_unavailable" | "sessions_unavailable" | "user_not_loaded" => vec![("retry-after", "5")],
        "method_not_allowed" if path.ends_with("/logout") => vec![("allow", "POST")],
        _ => vec![],
    }
}

/// The policy that allows the page's own style and nothing else.
fn policy(page: &Page) -> String {
    let style =
        page.body.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    let hash = STANDARD.encode(Sha256::digest(style));
    format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'")
}

/// H1, H2, H3, H4. Rocket's catchers have pages of their own, without a policy.
#[rocket::async_test]
async fn every_refusal_has_exactly_these_headers() {
    let (ours, rockets) = (Site::start(build).await, Site::start(without_catchers).await);
    for (site, asked, is_ours, is_page) in
        [(&ours, PROGRAM, true, false), (&ours, PAGE, true, true), (&rockets, PROGRAM, false, false)]
    {
        let refusals = refusals(site, asked).await;
        assert_eq!(refusals.iter().map(|refusal| refusal.code).collect::<BTreeSet<_>>(), codes());
        for Refusal { code, status, by, page, .. } in &refusals {
            let policy = if is_page { policy(page) } else { String::new() };
            let content = match is_page {
                true => vec![CONTENT_HTML, ("content-security-policy", policy.as_str())],
                false => vec![CONTENT_JSON],
            };
            let silent: &[_] = if *by == By::Route { &[SILENT] } else { &[] };
            let mut particular = particular(code, page.url.path());
            if *code == "keys_unavailable" {
                // When the keys are asked for again is left to chance, within bounds.
                let seconds = page.header("retry-after");
                assert!((1..=15).contains(&seconds.parse().unwrap_or(0)), "{seconds}");
                particular.push(("retry-after", seconds));
            }
            assert_headers(code, page, *status, &[&PRIVATE, &content, silent, &particular]);
            let tells = page.body.contains(&format!("\"error\":\"{code}\""));
            assert_eq!(tells, !is_page && (is_ours || *by != By::Guard), "{code}: {}", page.body);
        }
    }
}

#[track_caller]
fn assert_headers(what: &str, page: &Page, status: u16, more: &[&[(&str, &str)]]) {
    assert_eq!(page.status, status, "{what}: {}", page.body);
    assert_eq!(headers(page), expected(&more.concat()), "{what}");
}

/// H1, H2, H3.
#[rocket::async_test]
async fn every_answer_of_our_routes_has_exactly_these_headers() {
    let site = Site::start(build).await;
    let visit = Visit::begin(&site.url("")).await;
    site.pool.will_answer(Reply::json(200, &site.pool.tokens(&visit)));
    let (login, logout, callback) = (site.url("/auth/login"), site.url("/auth/logout"), visit.callback());
    let same_origin = ("sec-fetch-site", "same-origin");
    let ask = async |method, url: &str, headers: &[(&str, &str)]| {
        visit.agent.send(method, url, headers, None).await
    };

    let page = ask(Method::HEAD, &callback, &[]).await;
    assert_headers("callback by HEAD", &page, 405, &[&PRIVATE, &[SILENT, CONTENT_JSON, ("allow", "GET")]]);
    let page = ask(Method::GET, &callback, &[]).await;
    assert_headers("callback", &page, 303, &[&PRIVATE, &[SILENT, ("location", "/me")]]);
    let page = ask(Method::GET, &callback, &[]).await;
    assert_headers("callback again", &page, 303, &[&PRIVATE, &[SILENT, ("location", "/")]]);
    let page = ask(Method::HEAD, &logout, &[]).await;
    assert_headers("logout by HEAD", &page, 405, &[&PRIVATE, &[SILENT, CONTENT_JSON, ("allow", "POST")]]);
    let page = ask(Method::POST, &logout, &[same_origin, ("sec-fetch-mode", "cors")]).await;
    assert_headers("logout by a script", &page, 200, &[&PRIVATE, &[SILENT, CONTENT_JSON]]);
    for (what, method, url) in [("login", Method::GET, &login), ("logout", Method::POST, &logout)] {
        let page = ask(method, url, &[same_origin]).await;
        let location = page.header("location");
        assert!(location.starts_with("http://127.0.0.1:"), "{location}");
        assert_headers(what, &page, 303, &[&PRIVATE, &[SILENT, ("location", location)]]);
    }
}

/// H1, H2. An answer that a guard took part in is for one visitor, whoever that is.
#[rocket::async_test]
async fn every_answer_of_a_guarded_route_has_exactly_these_headers() {
    let site = Site::start(build).await;
    let visit = Visit::begin(&site.url("")).await;
    visit.sign_in(&site.pool).await;
    let text = ("content-type", "text/plain; charset=utf-8");
    let get = async |agent: &Agent, path: &str| agent.get(&site.url(path)).await;
    for nobody in [false, true] {
        let stranger = Agent::new();
        let agent = if nobody { &stranger } else { &visit.agent };
        assert_headers("a page for anybody", &get(agent, "/").await, 200, &[&PRIVATE, &[text]]);
        assert_headers("a page without a guard", &get(agent, "/plain").await, 200, &[]);
        assert_headers("no page at all", &get(agent, "/nowhere").await, 404, &[&[CONTENT_HTML]]);
    }
    assert_headers("a guarded page", &get(&visit.agent, "/page").await, 200, &[&PRIVATE, &[text]]);
    let page = visit.agent.send(Method::HEAD, &site.url("/page"), &[], None).await;
    assert_headers("the same by HEAD", &page, 200, &[&PRIVATE, &[text]]);
    let own = ("cache-control", "private, max-age=60");
    assert_headers(
        "a handler's own policy",
        &get(&visit.agent, "/cached").await,
        200,
        &[&[text, own, ("vary", "Cookie, Authorization")]],
    );
    let page = Agent::new().open(&site.url("/me")).await;
    assert_headers("the way to sign in", &page, 303, &[&PRIVATE, &[("location", "/auth/login?next=%2Fme")]]);
}
