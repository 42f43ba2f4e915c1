//! Signing out: here first, then at the pool, and only when this site asked for it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, SECRET_KEY, Setup, parameters};
use crate::support::forge::{now, with};
use crate::support::sealing::Seal;

const SESSION: [&str; 3] = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];

async fn sign_out(app: &App, agent: &Agent) -> Page {
    agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await
}

fn assert_sent_to_pool(app: &App, answer: &Page) {
    assert!([200, 303].contains(&answer.status.as_u16()), "{}", answer.body);
    let location = &answer.leads_to();
    assert!(location.starts_with(&format!("{}/logout?", app.pool.base_url())), "{location}");
    let expected = [("client_id", CLIENT.to_owned()), ("logout_uri", app.url("/"))];
    assert_eq!(parameters(location), expected.map(|(name, value)| (name.to_owned(), value)));
}

/// L6.
#[rocket::async_test]
async fn signing_out_ends_the_session_here_and_at_the_pool() {
    for setup in [Setup::new(), Setup::new().public_client()] {
        let app = setup.start().await;
        let agent = app.signed_in("alice").await;
        let cookies = agent.cookies();
        assert_eq!(cookies.keys().collect::<Vec<_>>(), SESSION);

        let answer = sign_out(&app, &agent).await;
        assert_sent_to_pool(&app, &answer);
        assert_eq!(answer.set_cookies().len(), 3);
        assert!(agent.cookies().is_empty());
        assert_eq!(app.revocations(), 1);

        let home = agent.follow(&answer.location()).await;
        assert_eq!((home.url.as_str(), home.body.as_str()), (app.url("/").as_str(), "nobody"));
        let page = agent.follow(&app.url("/me")).await;
        assert_eq!(page.url.path(), "/login", "the pool asks for the password again");
    }
}

#[rocket::async_test]
async fn the_refresh_token_is_revoked() {
    let app = App::start().await;
    let (agent, other) = (app.signed_in("alice").await, app.signed_in("alice").await);
    let (token, others) = (app.refresh_token(&agent), app.refresh_token(&other));
    assert!(app.accepts_refresh_token(&token).await);
    sign_out(&app, &agent).await;
    assert!(!app.accepts_refresh_token(&token).await);
    assert!(app.accepts_refresh_token(&others).await, "another browser's session goes on");
    assert_eq!(other.get(&app.url("/me")).await.status, 200);
}

/// L5: one call, by a client with a secret and by one without.
#[rocket::async_test]
async fn a_revocation_is_one_call_that_the_pool_accepts() {
    for setup in [Setup::new(), Setup::new().public_client()] {
        let app = setup.start().await;
        // It knows nothing of what the app has been told.
        let instance = app.instance("expiration_leeway", 29).await;
        for (username, signs_out) in [("alice", true), ("bob", false)] {
            let (agent, thief) = (app.signed_in(username).await, Agent::new());
            thief.set_cookie("cognito_refresh_token", &agent.cookie("cognito_refresh_token").unwrap());
            if signs_out {
                sign_out(&app, &agent).await;
            }
            let expected = if signs_out { 401 } else { 200 };
            assert_eq!(thief.get(&instance.url("/me")).await.status, expected, "{username}");
        }
        assert_eq!(app.revocations(), 1);
    }
}

/// T43, L11: tokens are checked here, without asking the pool; README says so, and asks for short lifetimes.
#[rocket::async_test]
async fn a_copied_access_token_outlives_a_sign_out() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let copied = agent.cookie("cognito_access_token").unwrap();
    sign_out(&app, &agent).await;
    let thief = Agent::new();
    thief.set_cookie("cognito_access_token", &copied);
    assert_eq!(thief.get(&app.url("/me")).await.status, 200);
}

/// L7.
#[rocket::async_test]
async fn who_is_signed_out_may_sign_out_again() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    sign_out(&app, &agent).await;
    for agent in [&agent, &Agent::new()] {
        let answer = sign_out(&app, agent).await;
        assert_sent_to_pool(&app, &answer);
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
    assert_eq!(app.revocations(), 1);
}

/// L2.
#[rocket::async_test]
async fn a_post_signs_out_when_it_provably_comes_from_this_site() {
    let app = App::start().await;
    let origin = app.origin();
    let other_port = format!("http://localhost:{}", app.server.port ^ 1);
    let (https, path) = (origin.replace("http:", "https:"), format!("{origin}/"));
    let rows: [(&[(&str, &str)], bool); 22] = [
        (&[("origin", &origin)], true),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
        (&[("sec-fetch-site", "same-origin"), ("origin", &origin)], true),
        (&[], false),
        (&[("origin", "null")], false),
        (&[("origin", "")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "http://sub.localhost")], false),
        (&[("origin", &other_port)], false),
        (&[("origin", &https)], false),
        (&[("origin", &path)], false),
        (&[("referer", &path)], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site"), ("origin", &origin)], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", &origin)], true),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], false),
        (&[("sec-fetch-site", "Same-Origin, none"), ("origin", &other_port)], false),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")], false),
        (&[("origin", &origin), ("origin", "https://evil.example")], false),
    ];
    for (headers, signs_out) in rows {
        let agent = app.signed_in("alice").await;
        let (cookies, revocations) = (agent.cookies(), app.revocations());
        let answer = agent.post(&app.url("/auth/logout"), headers, &[]).await;
        if signs_out {
            assert_sent_to_pool(&app, &answer);
            assert!(agent.cookies().is_empty(), "{headers:?}");
        } else {
            assert_eq!(answer.status, 403, "{headers:?}");
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(body["error"], "cross_site");
            assert_eq!(answer.set_cookies(), [""; 0]);
            assert_eq!((agent.cookies(), app.revocations()), (cookies, revocations));
            assert_eq!(agent.get(&app.url("/me")).await.status, 200, "still signed in: {headers:?}");
        }
    }
}

/// L1.
#[rocket::async_test]
async fn a_get_signs_out_only_when_the_browser_says_that_nobody_else_sent_it() {
    let app = App::start().await;
    let origin = app.origin();
    let headers =
        |site, mode, dest| vec![("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
    let and = |mut headers: Vec<_>, more| {
        headers.push(more);
        headers
    };
    let by_link = || headers("same-origin", "navigate", "document");
    let rows: [(Vec<(&str, &str)>, bool); 18] = [
        (by_link(), true),
        (and(by_link(), ("accept", "text/html")), true),
        (headers("none", "navigate", "document"), true),
        (headers("same-site", "navigate", "document"), false),
        (headers("cross-site", "navigate", "document"), false),
        (and(headers("cross-site", "navigate", "document"), ("origin", &origin)), false),
        (headers("", "navigate", "document"), false),
        (headers("same-origin", "no-cors", "image"), false),
        (headers("cross-site", "no-cors", "image"), false),
        (headers("same-origin", "cors", "empty"), false),
        (headers("same-origin", "navigate", "iframe"), false),
        (and(by_link(), ("sec-purpose", "prefetch;prerender")), false),
        (and(by_link(), ("purpose", "prefetch")), false),
        (and(by_link(), ("sec-fetch-site", "cross-site")), false),
        (and(by_link(), ("sec-fetch-dest", "image")), false),
        (and(by_link(), ("x-moz", "prefetch")), false),
        (vec![("origin", &origin)], false),
        (vec![], false),
    ];
    for (headers, signs_out) in rows {
        let agent = app.signed_in("bob").await;
        let head = agent.send(Method::HEAD, &app.url("/auth/logout"), &headers, None).await;
        assert_eq!(head.status, 405, "{headers:?}");
        let answer = agent.send(Method::GET, &app.url("/auth/logout"), &headers, None).await;
        if signs_out {
            assert_sent_to_pool(&app, &answer);
            assert!(agent.cookies().is_empty(), "{headers:?}");
        } else {
            assert_eq!(answer.status, 405, "{headers:?}");
            assert_eq!(answer.set_cookies(), [""; 0]);
            assert_eq!(agent.get(&app.url("/me")).await.status, 200, "still signed in: {headers:?}");
        }
    }
}

#[rocket::async_test]
async fn a_script_is_told_where_to_go_instead_of_being_redirected() {
    let app = App::start().await;
    let rows: [(&[(&str, &str)], bool); 6] = [
        (&[("sec-fetch-mode", "cors")], true),
        (&[("sec-fetch-mode", "same-origin"), ("accept", "text/html")], true),
        (&[("accept", "application/json")], true),
        (&[("sec-fetch-mode", "navigate"), ("accept", "text/html,application/json;q=0.9")], false),
        (&[("accept", "text/html")], false),
        (&[("accept", "*/*")], false),
    ];
    for (headers, is_script) in rows {
        let agent = app.signed_in("carol").await;
        let headers = [headers, &[("sec-fetch-site", "same-origin")]].concat();
        let answer = agent.post(&app.url("/auth/logout"), &headers, &[]).await;
        assert!(agent.cookies().is_empty());
        if is_script {
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            let url = sign_out(&app, &agent).await.location();
            assert_eq!(body, json!({ "logout_url": url }), "{headers:?}");
        } else {
            assert_sent_to_pool(&app, &answer);
        }
    }
}

#[rocket::async_test]
async fn the_request_cannot_choose_where_a_sign_out_leads() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let query =
        "?logout_uri=https://evil.example&next=//evil.example&client_id=x&redirect_uri=https://evil.example";
    let url = app.url(&format!("/auth/logout{query}"));
    let form = [("logout_uri", "https://evil.example"), ("next", "/page")];
    let answer = agent.post(&url, &[("origin", &app.origin()), ("host", "evil.example")], &form).await;
    assert_sent_to_pool(&app, &answer);
}

/// L4: and what lies in them goes to no pool.
#[rocket::async_test]
async fn cookies_that_cannot_be_read_are_removed_all_the_same() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let sealed = agent.cookie("cognito_refresh_token").unwrap();
    agent.set_cookie("cognito_refresh_token", &sealed[..sealed.len() / 2]);
    agent.set_cookie("cognito_access_token", "9~junk");
    agent.set_cookie("cognito_access_token_5", "junk");
    agent.set_cookie("theirs", "kept");
    let answer = sign_out(&app, &agent).await;
    assert_sent_to_pool(&app, &answer);
    assert_eq!(agent.cookies().into_keys().collect::<Vec<_>>(), ["theirs"]);
    assert_eq!(app.revocations(), 0);
}

/// L3.
#[rocket::async_test]
async fn signing_out_works_while_the_pool_is_down() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let App { server, pool, .. } = app;
    pool.stop().await;
    let (url, origin) = (server.url("/auth/logout"), server.url(""));
    let headers = [("origin", origin.as_str())];
    let answer = timeout(Duration::from_secs(10), agent.post(&url, &headers, &[])).await.unwrap();
    assert_eq!(answer.status, 303);
    assert!(agent.cookies().is_empty());
}

/// L4: whole and well-formed, but not of this app.
#[rocket::async_test]
async fn what_others_sealed_is_removed_and_nothing_in_it_is_revoked() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let seal = Seal::new(SECRET_KEY, "refresh");
    let sealed = agent.cookie("cognito_refresh_token").unwrap();
    let record = seal.open(&sealed);
    let changed = with(record.clone(), "client_id", "another".into());
    let middle = if sealed.as_bytes()[sealed.len() / 2] == b'A' { "B" } else { "A" };
    let mut tampered = sealed.clone();
    tampered.replace_range(sealed.len() / 2..=sealed.len() / 2, middle);
    let others = [
        ("one character", tampered),
        (
            "another key",
            Seal::new("another key, of at least thirty-two bytes", "refresh").seal(&record, now()),
        ),
        ("another purpose", Seal::new(SECRET_KEY, "session").seal(&record, now())),
        ("another client", seal.seal(&changed, now())),
        ("long ago", seal.seal(&record, now() - 100_000)),
    ];
    for (what, value) in others {
        let agent = app.signed_in("alice").await;
        agent.set_cookie("cognito_refresh_token", &value);
        assert_sent_to_pool(&app, &sign_out(&app, &agent).await);
        assert!(agent.cookies().is_empty(), "{what}");
    }
    assert_eq!(app.revocations(), 0);
    assert!(app.accepts_refresh_token(record["refresh_token"].as_str().unwrap()).await);
    sign_out(&app, &agent).await;
    assert_eq!(app.revocations(), 1, "the control");
}
