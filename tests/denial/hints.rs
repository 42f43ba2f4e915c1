//! What a refusal tells whoever it is for to do, and what it does not offer.

use reqwest::Method;
use serde_json::Value;

use crate::refusals::{Refusal, refusals};
use crate::site::{Site, build, foreign_token};
use crate::snapshot::{PAGE, PROGRAM};
use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, Setup};

async fn ask(app: &App, name: &str, value: &str) -> Page {
    let headers = [PROGRAM, &[(name, value)]].concat();
    Agent::new().send(Method::GET, &app.url("/me"), &headers, None).await
}

fn hint(page: &Page) -> String {
    let body: Value = serde_json::from_str(&page.body).expect("JSON");
    body["hint"].as_str().expect("a hint").to_owned()
}

/// H12: in the words of the app's own settings.
#[rocket::async_test]
async fn a_program_whose_token_is_not_seen_reads_which_header_to_send() {
    let with = |key: &str, value: &str| Setup::new().set(key, value);
    for (setup, name, prefix, form) in [
        (Setup::new(), "Authorization", "Bearer ", "Authorization: Bearer <access token>"),
        (with("bearer_token_use", "id"), "Authorization", "Bearer ", "Authorization: Bearer <ID token>"),
        (with("bearer_token_use", "any"), "Authorization", "Bearer ", "Bearer <access or ID token>"),
        (with("jwt_header_prefix", "JWT"), "Authorization", "JWT ", "Authorization: JWT <access token>"),
        (with("jwt_header_prefix", ""), "Authorization", "", "Authorization: <access token>"),
        (with("jwt_header_name", "X-Token"), "X-Token", "Bearer ", "X-Token: Bearer <access token>"),
    ] {
        let app = setup.start().await;
        let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        for value in [
            token.trim_start_matches("e").to_owned(),
            format!("Token {token}"),
            format!("{prefix}\"{token}\""),
            format!("{prefix}{prefix}{token}x"),
            format!("{prefix}{token}, {prefix}{token}"),
            prefix.to_owned(),
            foreign_token(),
            format!("{prefix}{}", foreign_token()),
        ] {
            let page = ask(&app, name, &value).await;
            assert_eq!(page.status, 401, "{value}");
            assert!(hint(&page).ends_with(form), "{form} after {value:.20}: {}", page.body);
        }
    }
}

/// H12: the hint names the kind that counts, and is the same for a good token of the other kind as for a forged one.
#[rocket::async_test]
async fn a_token_of_the_other_kind_is_told_so_without_a_word_about_signatures() {
    for (token_use, words) in
        [("access", "an access token and not an ID token"), ("id", "an ID token and not an access token")]
    {
        let app = Setup::new().set("bearer_token_use", token_use).start().await;
        let tokens = app.pool.sign_in("alice", CLIENT).unwrap();
        let other = if token_use == "id" { tokens.access_token } else { tokens.id_token };
        let page = ask(&app, "authorization", &format!("Bearer {other}")).await;
        assert!(hint(&page).contains(words), "{}", page.body);
        let forged = ask(&app, "authorization", &format!("Bearer {}", foreign_token())).await;
        assert_eq!((forged.status, forged.body), (page.status, page.body));
    }
}

/// H12.
#[rocket::async_test]
async fn no_program_reads_of_a_page() {
    let site = Site::start(build).await;
    for Refusal { code, page, .. } in refusals(&site, PROGRAM).await {
        assert!(!page.body.contains("page"), "{code}: {}", page.body);
    }
}

/// H12: the link and the button of a page, by what the refused request came with.
#[rocket::async_test]
async fn no_page_offers_a_sign_in_or_a_sign_out_that_would_not_help() {
    let site = Site::start(build).await;
    let offers = |page: &Page| {
        let link = page.body.contains("<a class=\"button\" href=\"/auth/login");
        let button = page.body.contains("action=\"/auth/logout\"");
        [("sign in", link), ("sign out", button)].iter().find(|(_, is)| *is).map_or("", |(offer, _)| *offer)
    };
    for Refusal { code, page, .. } in refusals(&site, PAGE).await {
        let expected = match code {
            // Who has sent a token sends it again.
            "invalid_token"
            | "missing_bearer_token"
            | "several_bearer_tokens"
            | "malformed_bearer_token"
            | "bearer_required"
            | "other_scheme"
            | "session_required"
            | "repeated_authorization"
            | "person_required"
            | "machine_required"
            | "level_too_low"
            | "delegated"
            | "login_too_old" => "",
            // Who is signed in is so already.
            "cross_site" => "",
            "host_refused"
            | "keys_unavailable"
            | "session_in_doubt"
            | "sessions_unavailable"
            | "user_not_loaded" => "",
            // Nobody has a session.
            "method_not_allowed" => "",
            "rule_not_met"
            | "unknown_user"
            | "login_not_fresh"
            | "login_not_strong_enough"
            | "refused_by_app" => "sign out",
            _ => "sign in",
        };
        assert_eq!(offers(&page), expected, "{code}: {}", page.body);
    }
    let app = App::start().await;
    let alice = app.signed_in("alice").await;
    let logout = alice.send(Method::GET, &app.url("/auth/logout"), PAGE, None).await;
    assert_eq!((logout.status.as_u16(), offers(&logout)), (405, "sign out"), "{}", logout.body);
}
