//! The header for tokens: its name, the word before the token, and every way to write it wrongly.

use std::collections::{BTreeMap, BTreeSet};

use figment::providers::{Format, Toml};
use reqwest::Method;
use rocket::http::Header;
use rocket::{Build, Responder, Rocket, get, routes};
use rocket_cognito::{Cognito, CognitoUser};

use crate::support::app::{App, CLIENT, Setup, build};
use crate::support::settings;
use crate::{ask, outcome};

/// A header that the settings ask for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    name: &'static str,
    prefix: &'static str,
    /// What the challenge says.
    scheme: &'static str,
}

const WANTED: [Wanted; 5] = [
    Wanted { name: "Authorization", prefix: "Bearer", scheme: "Bearer" },
    Wanted { name: "X-Auth-Token", prefix: "Bearer", scheme: "Bearer" },
    Wanted { name: "Authorization", prefix: "JWT", scheme: "JWT" },
    Wanted { name: "Authorization", prefix: "", scheme: "Bearer" },
    Wanted { name: "X-Auth-Token", prefix: "", scheme: "Bearer" },
];

impl Wanted {
    async fn app(self) -> App {
        let setup = match self.name {
            "Authorization" => Setup::new(),
            name => Setup::new().set("jwt_header_name", name),
        };
        let setup = match self.prefix {
            "Bearer" => setup,
            prefix => setup.set("jwt_header_prefix", prefix),
        };
        setup.start().await
    }

    fn value(self, token: &str) -> String {
        if self.prefix.is_empty() { token.to_owned() } else { format!("{} {token}", self.prefix) }
    }

    /// Headers, and the code of the denial that each gets.
    fn malformed(self) -> Vec<(String, &'static str)> {
        let words = [
            ("", "missing_bearer_token"),
            ("canary canary", "several_bearer_tokens"),
            ("canary x y z", "several_bearer_tokens"),
            ("canary, Basic canary", "several_bearer_tokens"),
            ("canary%", "malformed_bearer_token"),
            ("\"canary\"", "malformed_bearer_token"),
            ("canary,canary", "malformed_bearer_token"),
            ("<b>canary</b>", "malformed_bearer_token"),
            ("canary=canary", "malformed_bearer_token"),
            ("=", "malformed_bearer_token"),
            ("canary\tcanary", "malformed_bearer_token"),
            ("canary", "invalid_token"),
            ("canary.canary.canary", "invalid_token"),
        ];
        let mut malformed = words.map(|(word, code)| (self.value(word), code)).to_vec();
        if !self.prefix.is_empty() {
            for rest in ["\t canary", " \tcanary", ":canary", "=canary", ",canary", "\tcanary"] {
                malformed.push((format!("{}{rest}", self.prefix), "malformed_bearer_token"));
            }
            malformed.push((self.prefix.to_owned(), "missing_bearer_token"));
        }
        malformed
    }
}

#[rocket::async_test]
async fn a_token_stands_in_the_header_and_behind_the_word_that_the_settings_name() {
    for wanted in WANTED {
        let app = wanted.app().await;
        let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        for other in WANTED {
            let page = ask(&app.url("/me"), &[(other.name, &other.value(&token))]).await;
            let expected = match wanted.name == other.name {
                true if wanted.prefix == other.prefix => 200,
                // Where no word is expected there is no other scheme.
                _ => 401,
            };
            assert_eq!(page.status, expected, "{wanted:?} {other:?} {}", page.body);
        }
        for prefix in [wanted.prefix.to_lowercase(), wanted.prefix.to_uppercase()] {
            let value = format!("{prefix} {token}");
            let page = ask(&app.url("/me"), &[(wanted.name, value.trim())]).await;
            assert_eq!(page.status, 200, "{wanted:?} {prefix}");
        }
        let anonymous = ask(&app.url("/me"), &[]).await;
        assert_eq!(outcome(&anonymous), (401, "not_signed_in".into()), "{wanted:?}");
        assert_eq!(anonymous.header("www-authenticate"), wanted.scheme);
    }
}

#[get("/cached")]
fn cached(_user: Option<CognitoUser>) -> Cached {
    Cached { body: "", cache_control: Header::new("Cache-Control", "private, max-age=60") }
}

#[derive(Responder)]
struct Cached {
    body: &'static str,
    cache_control: Header<'static>,
}

/// H2: beside `no-store` of ours the header would say nothing.
#[rocket::async_test]
async fn an_answer_with_a_policy_of_its_own_varies_by_the_header_of_the_settings() {
    let own = |rocket: Rocket<Build>| {
        let figment = rocket.figment().clone().merge(("cognito.jwt_header_name", "X-Auth-Token"));
        build(rocket.configure(figment)).mount("/", routes![cached])
    };
    let app = Setup::new().start_with(own).await;
    for (path, cache_control, vary) in
        [("/cached", "private, max-age=60", "Cookie, X-Auth-Token"), ("/me", "no-store", "")]
    {
        let page = ask(&app.url(path), &[]).await;
        assert_eq!((page.header("cache-control"), page.header("vary")), (cache_control, vary), "{path}");
    }
}

/// RFC 9110 section 11.4; a known token and one that is seen for the first time.
#[rocket::async_test]
async fn spaces_before_the_token_do_not_matter() {
    for wanted in WANTED {
        let app = wanted.app().await;
        for spaces in [" ", "  ", "     "] {
            let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
            for _ in 0..2 {
                let value = format!("{}{spaces}{token} ", wanted.prefix);
                let page = ask(&app.url("/me"), &[(wanted.name, &value)]).await;
                assert_eq!(page.status, 200, "{wanted:?} {spaces:?} {}", page.body);
            }
        }
    }
}

#[rocket::async_test]
async fn each_malformed_header_gets_its_own_code_and_a_fixed_text() {
    for wanted in WANTED {
        let app = wanted.app().await;
        let agent = app.signed_in("alice").await;
        let mut texts = BTreeMap::new();
        for (value, code) in wanted.malformed() {
            let headers = [(wanted.name, value.as_str())];
            let page = agent.send(Method::GET, &app.url("/me"), &headers, None).await;
            assert_eq!(outcome(&page), (401, code.to_owned()), "{wanted:?} {value:?}");
            assert_eq!(
                page.header("www-authenticate"),
                format!("{} error=\"invalid_token\"", wanted.scheme),
                "{value:?}"
            );
            assert!(!format!("{:?}{}", page.headers, page.body).contains("canary"), "{value:?}");
            assert_eq!(texts.entry(code).or_insert(page.body.clone()), &page.body, "{value:?}");
        }
        let messages: BTreeSet<_> = texts.values().collect();
        assert_eq!((texts.len(), messages.len()), (4, 4), "{texts:?}");
    }
}

#[rocket::async_test]
async fn a_repeated_header_is_refused_and_other_schemes_are_none_of_ours() {
    for wanted in WANTED {
        let app = wanted.app().await;
        let bearer = wanted.value(&app.pool.sign_in("bob", CLIENT).unwrap().access_token);
        let agent = app.signed_in("alice").await;
        let me =
            async |headers: &[(&str, &str)]| agent.send(Method::GET, &app.url("/me"), headers, None).await;
        // Of a good session and a good header, the header counts.
        let page = me(&[(wanted.name, &bearer)]).await;
        assert!(page.body.contains("\"bob\""), "{wanted:?} {}", page.body);
        let page = me(&[(wanted.name, &bearer), (wanted.name, &bearer)]).await;
        assert_eq!(outcome(&page), (400, "repeated_authorization".into()), "{wanted:?}");
        assert_eq!(
            page.header("www-authenticate"),
            format!("{} error=\"invalid_request\"", wanted.scheme),
            "{wanted:?}"
        );

        for other in [
            "Basic c3RhZ2luZzpzaXRl",
            "Bearers x",
            "Bearer-x y",
            "Bearer_x y",
            "Digest username=\"x\"",
            "JWTs x",
        ] {
            let (status, _) = outcome(&me(&[(wanted.name, other)]).await);
            assert_eq!(status, if wanted.prefix.is_empty() { 401 } else { 200 }, "{wanted:?} {other}");
        }
        if wanted.name != "Authorization" {
            let basic = ("authorization", "Basic c3RhZ2luZzpzaXRl");
            let page = me(&[basic, ("authorization", "Bearer x"), (wanted.name, &bearer)]).await;
            assert!(page.body.contains("\"bob\""), "no header of ours: {}", page.body);
        }
    }
}

/// Elsewhere an empty text is the same as none.
#[rocket::async_test]
async fn an_empty_prefix_in_a_file_is_none() {
    for (toml, has_prefix) in [
        ("jwt_header_prefix = \"\"", false),
        ("jwt_header_prefix = \" \"", false),
        ("jwt_header_name = \"\"", true),
    ] {
        let toml = Toml::string(&format!("[default.cognito]\n{toml}")).nested();
        let merge = |rocket: Rocket<Build>| {
            let figment = rocket.figment().clone().merge(toml);
            build(rocket.configure(figment))
        };
        let app = Setup::new().start_with(merge).await;
        let token = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        let bare = ask(&app.url("/me"), &[("authorization", &token)]).await;
        let prefixed = ask(&app.url("/me"), &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!((bare.status == 200, prefixed.status == 200), (!has_prefix, has_prefix));
    }
}

/// What a page does with a header of its own: the script has the token, and cookies do not matter.
#[rocket::async_test]
async fn a_token_of_the_settings_header_needs_no_proof_of_the_same_origin() {
    let app = Setup::new().set("jwt_header_name", "X-Auth-Token").start().await;
    let agent = app.signed_in("alice").await;
    let bearer = format!("Bearer {}", app.pool.sign_in("bob", CLIENT).unwrap().access_token);
    let cross_site = ("sec-fetch-site", "cross-site");
    let upgrade = [("upgrade", "websocket"), ("connection", "upgrade"), cross_site];
    let page = agent.send(Method::GET, &app.url("/me"), &upgrade, None).await;
    assert_eq!(outcome(&page), (403, "cross_site".into()));
    let with_token = [&upgrade[..], &[("x-auth-token", bearer.as_str())]].concat();
    let page = agent.send(Method::GET, &app.url("/me"), &with_token, None).await;
    assert_eq!(page.status, 200);
}

#[test]
fn header_settings_that_cannot_be_are_told_with_the_remedy() {
    let long = "x".repeat(65);
    for (key, value, problem) in [
        ("jwt_header_name", "Cookie", "is where the session cookies stand"),
        ("jwt_header_name", "cookie", "is where the session cookies stand"),
        ("jwt_header_name", "X Auth", "is not the name of a header"),
        ("jwt_header_name", "X-Auth:", "is not the name of a header"),
        ("jwt_header_name", "X-Auth\r\nX", "is not the name of a header"),
        ("jwt_header_name", "X-Äuth", "is not the name of a header"),
        ("jwt_header_name", &long, "is not the name of a header"),
        ("jwt_header_prefix", "Bearer token", "is not one word"),
        ("jwt_header_prefix", "Bearer ", "is not one word"),
        ("jwt_header_prefix", "Bearer,", "is not one word"),
        ("jwt_header_prefix", "Bearer\t", "is not one word"),
        ("jwt_header_prefix", &long, "is not one word"),
    ] {
        let figment = settings("jwks.json").merge(("cognito.jwks_uri", "https://keys.example.com/"));
        let error = Cognito::check_settings(&figment.merge((format!("cognito.{key}"), value)));
        let told = error.expect_err(value).to_string();
        assert!(told.starts_with("1 setting needs"), "{told}");
        for words in [&format!("`{key}`"), problem, &format!("leave `{key}` out")] {
            assert!(told.contains(words), "{words:?} is not in:\n{told}");
        }
    }
}
