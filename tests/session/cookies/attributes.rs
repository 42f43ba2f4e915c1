//! What the browser is told to keep: names, attributes, lifetimes and sizes.

use std::collections::BTreeMap;

use rocket::http::Status;
use rocket::request::Request;
use rocket::{catch, catchers};
use rocket_cognito::local_pool::LocalUser;
use serde_json::Value;

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, code_for, set_cookie, without_catchers};

const TOKENS: [&str; 3] = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];
const REMOVED: [&str; 2] = ["Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Max-Age=0"];

/// Name and sorted attributes of all cookies that an answer sets.
fn cookies_of(page: &Page) -> Vec<(String, Vec<String>)> {
    let cookies = page.set_cookies().into_iter().map(set_cookie);
    let mut cookies: Vec<_> = cookies
        .map(|(name, _, attributes)| (name.to_owned(), attributes.into_iter().map(str::to_owned).collect()))
        .collect();
    cookies.sort();
    cookies
}

/// What [`cookies_of`] gives for session cookies with these lifetimes.
fn session(row: &Row, lifetimes: [&[&str]; 3]) -> Vec<(String, Vec<String>)> {
    let name = |token: &str| format!("{}{token}{}", row.prefix, row.suffix);
    let cookies = TOKENS.iter().zip(lifetimes);
    cookies.map(|(token, lifetime)| (name(token), sorted(row.session, lifetime))).collect()
}

fn sorted(attributes: &[&str], lifetime: &[&str]) -> Vec<String> {
    let mut all: Vec<_> = attributes.iter().chain(lifetime).map(|text| (*text).to_owned()).collect();
    all.sort();
    all
}

/// The names and attributes that follow from settings. Login cookies stay on their host.
struct Row {
    prefix: &'static str,
    suffix: &'static str,
    session: &'static [&'static str],
    login_prefix: &'static str,
    login: &'static [&'static str],
}

fn rows() -> Vec<(Setup, Row)> {
    let https = || Setup::new().redirect_url("https://app.example.com/auth/callback");
    let lax: &[&str] = &["HttpOnly", "Path=/", "SameSite=Lax"];
    let secure: &[&str] = &["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    let domain: &[&str] = &["Domain=example.com", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    let none: &[&str] = &["HttpOnly", "Path=/", "SameSite=None", "Secure"];
    let omitted: &[&str] = &["HttpOnly", "Path=/", "Secure"];
    let strict: &[&str] = &["HttpOnly", "Path=/", "SameSite=Strict", "Secure"];
    let row = |setup: Setup, prefix, session, login_prefix, login| {
        (setup, Row { prefix, suffix: "", session, login_prefix, login })
    };
    let suffixed = Row { prefix: "", suffix: "-shop", session: lax, login_prefix: "", login: lax };
    let host = "__Host-Http-";
    vec![
        row(Setup::new(), "", lax, "", lax),
        row(https(), host, secure, host, secure),
        row(https().set("cookie_domain", "example.com"), "", domain, host, secure),
        row(https().set("cookie_samesite", "none"), host, none, host, secure),
        row(https().set("cookie_samesite", "omit"), host, omitted, host, secure),
        row(Setup::new().set("cookie_samesite", "omit"), "", &["HttpOnly", "Path=/"], "", lax),
        row(https().set("cookie_samesite", "strict"), host, strict, host, secure),
        (Setup::new().set("cookie_suffix", "shop"), suffixed),
    ]
}

/// K1, K3.
#[rocket::async_test]
async fn every_cookie_is_set_and_removed_with_the_same_attributes() {
    for (setup, row) in rows() {
        let Row { suffix, login_prefix, login, .. } = row;
        let app = setup.start().await;
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;

        let name = agent.cookies().into_keys().next().unwrap();
        let digest = name.strip_prefix(&format!("{login_prefix}cognito_login{suffix}_")).unwrap().to_owned();
        assert!(digest.len() == 8 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        let again = agent.open(&app.url("/auth/login")).await;
        let [(_, set)] = cookies_of(&again).try_into().unwrap();
        assert_eq!(set, sorted(login, &["Max-Age=3600"]));

        // As a proxy in front of the app would pass it on.
        let callback = callback.replace("https://app.example.com", &app.origin());
        let answer = agent.open(&callback).await;
        let strict = row.session.contains(&"SameSite=Strict");
        let moves_on = if strict { (200, "") } else { (303, "/me") };
        assert_eq!((answer.status.as_u16(), answer.header("location")), moves_on);
        let mut expected = session(&row, [&["Max-Age=1800"], &["Max-Age=1800"], &["Max-Age=86400"]]);
        expected.push((name, sorted(login, &REMOVED)));
        // It may be there, though the browser has kept it to itself.
        let unseen =
            strict.then(|| (format!("{}cognito_session{suffix}", row.prefix), sorted(row.session, &REMOVED)));
        expected.extend(unseen.clone());
        expected.sort();
        assert_eq!(cookies_of(&answer), expected);
        assert_eq!(agent.get(&app.url("/me")).await.status, 200);

        let headers = [("sec-fetch-site", "same-origin")];
        let answer = agent.post(&app.url("/auth/logout"), &headers, &[]).await;
        let mut expected = session(&row, [&REMOVED; 3]);
        expected.extend(unseen);
        assert_eq!(cookies_of(&answer), expected);
    }
}

#[rocket::async_test]
async fn no_token_outlives_its_cookie_nor_the_cookie_its_token() {
    let lifetimes =
        |access, id| Setup::new().pool(move |pool| pool.access_token_seconds(access).id_token_seconds(id));
    for (setup, access, id) in [
        (lifetimes(3600, 3600), 1800, 1800),
        (lifetimes(3600, 3600).set("cookie_age_seconds", 60), 60, 60),
        (lifetimes(3600, 3600).set("cookie_age_seconds", 86_400), 3600, 3600),
        (lifetimes(300, 3600), 300, 1800),
        (lifetimes(3600, 300), 1800, 300),
    ] {
        let app = setup.start().await;
        let agent = Agent::new();
        let answer = agent.open(&app.begin(&agent, "/me").await).await;
        let ages: BTreeMap<_, u64> = answer
            .set_cookies()
            .into_iter()
            .map(set_cookie)
            .map(|(name, _, attributes)| {
                let age = attributes.iter().find_map(|attribute| attribute.strip_prefix("Max-Age=")).unwrap();
                (name, age.parse().unwrap())
            })
            .collect();
        for (name, most) in [(TOKENS[0], access), (TOKENS[1], id)] {
            // A slow machine may have spent a little of the token's life.
            assert!((most - 20..=most).contains(&ages[name]), "{name}: {} of {most}", ages[name]);
        }
    }
}

fn with_large_user() -> Setup {
    // 2 kB each, which is Cognito's limit for an attribute.
    let large = ["custom:a", "custom:b", "custom:c"]
        .into_iter()
        .fold(LocalUser::new("large"), |user, name| user.attribute(name, "é\"<&=~%;,".repeat(204)));
    Setup::new().pool(|pool| pool.user(large).user(LocalUser::new("small")))
}

fn email(page: &Page) -> Value {
    let me: Value = serde_json::from_str(&page.body).unwrap();
    me["email"].clone()
}

/// K4.
#[rocket::async_test]
async fn a_large_id_token_is_split_over_cookies_that_browsers_keep() {
    let app = with_large_user().start().await;
    let agent = Agent::new();
    let login = agent.open(&app.url("/auth/login?next=/me")).await;
    let answer = agent.open(&code_for(&agent, &login, "large").await).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    for (name, value, _) in answer.set_cookies().into_iter().map(set_cookie) {
        assert!(name.len() + value.len() <= 4096, "{name}: {}", value.len());
    }
    let chunks = agent.cookies().into_iter().filter(|(name, _)| name.starts_with("cognito_id_token"));
    let total: usize = chunks.map(|(_, value)| value.len()).sum();
    assert!(total > 2 * 4096, "{total}");
    assert!(agent.cookie("cognito_id_token_2").is_some());
    assert_eq!(email(&agent.get(&app.url("/me")).await), "large@example.com");

    app.leave_pool(&agent).await;
    let page = agent.sign_in(&app.url("/auth/login?next=/me"), "small").await;
    assert_eq!(email(&page), "small@example.com");
    assert_eq!(agent.cookies().keys().collect::<Vec<_>>(), TOKENS, "stale chunks are gone");
}

/// K5.
#[rocket::async_test]
async fn of_a_split_token_all_or_nothing_counts() {
    let app = with_large_user().start().await;
    let agent = app.signed_in("large").await;
    let whole = agent.cookies();
    let count = whole.keys().filter(|name| name.starts_with("cognito_id_token")).count();
    let first = whole["cognito_id_token"].strip_prefix(&format!("{count}~")).unwrap().to_owned();
    let damages: [(&str, Option<String>); 9] = [
        ("cognito_id_token", None),
        ("cognito_id_token_1", None),
        ("cognito_id_token_2", None),
        ("cognito_id_token_1", Some(whole["cognito_id_token_2"].clone())),
        ("cognito_id_token", Some(first.clone())),
        ("cognito_id_token", Some(format!("{}~{first}", count - 1))),
        ("cognito_id_token", Some(format!("{}~{first}", count + 1))),
        ("cognito_id_token", Some(format!("99999999999999999999~{first}"))),
        ("cognito_id_token", Some(format!("-1~{first}"))),
    ];
    for (name, damage) in damages {
        match &damage {
            Some(value) => agent.set_cookie(name, value),
            None => agent.drop_cookie(name),
        }
        let page = agent.get(&app.url("/me")).await;
        assert_eq!((page.status.as_u16(), email(&page)), (200, Value::Null), "{name}: {damage:.20?}");
        agent.set_cookie(name, &whole[name]);
    }
    assert_eq!(email(&agent.get(&app.url("/me")).await), "large@example.com");
    agent.post(&app.url("/auth/logout"), &[("sec-fetch-site", "same-origin")], &[]).await;
    assert!(agent.cookies().is_empty(), "signing out removes every chunk");
}

#[catch(403)]
fn forbidden(_: &Request<'_>) -> &'static str {
    "a catcher of the app"
}

#[catch(400)]
fn panicking(_: &Request<'_>) -> &'static str {
    panic!("a catcher that fails")
}

#[catch(503)]
fn unauthorized(_: &Request<'_>) -> (Status, &'static str) {
    (Status::Unauthorized, "another status")
}

#[rocket::async_test]
async fn what_we_write_survives_the_apps_catchers() {
    let build =
        |rocket| without_catchers(rocket).register("/", catchers![forbidden, panicking, unauthorized]);
    let app = Setup::new().start_with(build).await;
    let rows = [
        ("error=access_denied", 403),
        ("error=invalid_request", 500), // by way of the catcher for 400
        ("error=server_error", 401),    // by way of the catcher for 503
        ("iss=https://evil.example&code=x", 500),
    ];
    for (parameters, status) in rows {
        let agent = Agent::new();
        let login = agent.get(&app.url("/auth/login")).await;
        let state = login.location_parameter("state");
        assert_eq!(agent.cookies().len(), 1);
        let answer = agent.open(&app.url(&format!("/auth/callback?state={state}&{parameters}"))).await;
        assert_eq!(answer.status, status, "{parameters}");
        assert_eq!(answer.body == "a catcher of the app", status == 403);
        assert_eq!(answer.set_cookies().len(), 1, "{parameters}");
        assert!(agent.cookies().is_empty(), "the attempt's cookie is removed: {parameters}");
    }
}

#[rocket::async_test]
async fn a_refused_visitor_keeps_the_session() {
    let app = App::start().await;
    let agent = app.signed_in("carol").await;
    let cookies = agent.cookies();
    for path in ["/admin", "/edit", "/nowhere"] {
        assert_eq!(agent.open(&app.url(path)).await.set_cookies(), [""; 0]);
    }
    assert_eq!(agent.cookies(), cookies);
}
