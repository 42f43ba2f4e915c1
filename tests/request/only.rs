//! `BearerOnly` and `SessionOnly`, around every kind of guard.

use reqwest::Method;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::policy::Not;
use rocket_cognito::{Authorized, BearerOnly, CognitoUser, Denial, InGroups, OrForward, SessionOnly};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, Setup, build};
use crate::{Admin, ask, is_stopped, name, outcome};

macro_rules! guarded {
    ($only:ident at $module:ident) => {
        mod $module {
            use super::*;

            type Only<G = CognitoUser> = $only<G>;

            #[get("/user")]
            fn user(user: Only) -> String {
                name(&user)
            }

            #[post("/user")]
            fn post_user(user: Only) -> String {
                name(&user)
            }

            #[get("/borrowed")]
            fn borrowed(user: Only<&CognitoUser>) -> String {
                user.username().to_owned()
            }

            #[get("/admin")]
            fn admin(user: Only<InGroups<Admin>>) -> String {
                name(&user)
            }

            #[get("/not-admin")]
            fn not_admin(user: Only<Authorized<Not<Admin>>>) -> String {
                name(&user)
            }

            #[get("/option")]
            fn option(user: Option<Only>) -> String {
                user.map_or("nobody".into(), |user| name(&user))
            }

            #[get("/result")]
            fn result(user: Result<Only<InGroups<Admin>>, Denial>) -> String {
                user.map_or_else(|denial| denial.code().to_owned(), |user| name(&user))
            }

            #[get("/forward")]
            fn forward(user: OrForward<Only<InGroups<Admin>>>) -> String {
                name(&user)
            }

            #[get("/forward", rank = 2)]
            fn forwarded() -> &'static str {
                "forwarded"
            }

            #[get("/inside")]
            fn inside(user: Only<OrForward<InGroups<Admin>>>) -> String {
                name(&user)
            }

            #[get("/inside", rank = 2)]
            fn not_inside() -> &'static str {
                "forwarded"
            }

            pub fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
                let routes = routes![
                    user, post_user, borrowed, admin, not_admin, option, result, forward, forwarded, inside,
                    not_inside
                ];
                rocket.mount(concat!("/", stringify!($module)), routes)
            }
        }
    };
}

guarded!(BearerOnly at bearer);
guarded!(SessionOnly at session);

/// What a request carries: whose session, and which header.
const CREDENTIALS: [(Option<&str>, &str); 8] = [
    (None, ""),
    (None, "alice"),
    (None, "bob"),
    (Some("alice"), ""),
    (Some("bob"), ""),
    (Some("alice"), "Basic c3RhZ2luZzpzaXRl"),
    (Some("alice"), "bob"),
    (Some("alice"), "Bearer a b"),
];

struct World {
    app: App,
    alice: Agent,
    bob: Agent,
}

impl World {
    async fn start() -> Self {
        let app = Setup::new().start_with(|rocket| session::mount(bearer::mount(build(rocket)))).await;
        let (alice, bob) = (app.signed_in("alice").await, app.signed_in("bob").await);
        World { app, alice, bob }
    }

    async fn send(&self, method: Method, path: &str, (session, header): (Option<&str>, &str)) -> Page {
        let stranger = Agent::new();
        let agent = match session {
            None => &stranger,
            Some("alice") => &self.alice,
            Some(_) => &self.bob,
        };
        let value = match header {
            "alice" | "bob" => {
                format!("Bearer {}", self.app.pool.sign_in(header, CLIENT).unwrap().access_token)
            }
            value => value.to_owned(),
        };
        let headers = Some(("authorization", value.as_str())).filter(|_| !value.is_empty());
        agent.send(method, &self.app.url(path), headers.as_slice(), None).await
    }
}

#[rocket::async_test]
async fn each_guard_counts_one_kind_of_credential() {
    let world = World::start().await;
    let none = "bearer_required";
    let session = "session_required";
    // In the order of the credentials above.
    let table = [
        ("/bearer/user", [none, "alice", "bob", none, none, "other_scheme", "bob", "several_bearer_tokens"]),
        (
            "/bearer/borrowed",
            [none, "alice", "bob", none, none, "other_scheme", "bob", "several_bearer_tokens"],
        ),
        (
            "/bearer/admin",
            [
                none,
                "alice",
                "rule_not_met",
                none,
                none,
                "other_scheme",
                "rule_not_met",
                "several_bearer_tokens",
            ],
        ),
        (
            "/bearer/not-admin",
            [none, "rule_not_met", "bob", none, none, "other_scheme", "bob", "several_bearer_tokens"],
        ),
        ("/bearer/option", ["nobody", "alice", "bob", "nobody", "nobody", "nobody", "bob", "nobody"]),
        (
            "/bearer/result",
            [
                none,
                "alice",
                "rule_not_met",
                none,
                none,
                "other_scheme",
                "rule_not_met",
                "several_bearer_tokens",
            ],
        ),
        (
            "/bearer/forward",
            [
                "forwarded",
                "alice",
                "forwarded",
                "forwarded",
                "forwarded",
                "forwarded",
                "forwarded",
                "forwarded",
            ],
        ),
        // Only what the inner guard refuses goes on.
        (
            "/bearer/inside",
            [none, "alice", "forwarded", none, none, "other_scheme", "forwarded", "forwarded"],
        ),
        ("/session/user", ["not_signed_in", session, session, "alice", "bob", "alice", session, session]),
        ("/session/borrowed", ["not_signed_in", session, session, "alice", "bob", "alice", session, session]),
        (
            "/session/admin",
            ["not_signed_in", session, session, "alice", "rule_not_met", "alice", session, session],
        ),
        (
            "/session/not-admin",
            ["not_signed_in", session, session, "rule_not_met", "bob", "rule_not_met", session, session],
        ),
        ("/session/option", ["nobody", "nobody", "nobody", "alice", "bob", "alice", "nobody", "nobody"]),
        (
            "/session/result",
            ["not_signed_in", session, session, "alice", "rule_not_met", "alice", session, session],
        ),
        (
            "/session/forward",
            ["forwarded", "forwarded", "forwarded", "alice", "forwarded", "alice", "forwarded", "forwarded"],
        ),
        ("/session/inside", ["forwarded", session, session, "alice", "forwarded", "alice", session, session]),
    ];
    for (path, expected) in table {
        for (credential, expected) in CREDENTIALS.into_iter().zip(expected) {
            let page = world.send(Method::GET, path, credential).await;
            let (status, text) = outcome(&page);
            assert_eq!(text, expected, "{path} {credential:?}");
            let answers = ["/bearer/option", "/bearer/result", "/session/option", "/session/result"];
            let refused = match expected {
                _ if answers.contains(&path) => 200,
                "rule_not_met" => 403,
                "alice" | "bob" | "forwarded" => 200,
                _ => 401,
            };
            assert_eq!(status, refused, "{path} {credential:?}");
            let challenge = match (status, expected) {
                (401, "several_bearer_tokens") => "Bearer error=\"invalid_token\"",
                (401, _) => "Bearer",
                _ => "",
            };
            assert_eq!(page.header("www-authenticate"), challenge, "{path} {credential:?}");
            assert_eq!(page.header("cache-control"), "no-store", "{path} {credential:?}");
        }
    }
}

#[rocket::async_test]
async fn nobody_is_sent_to_sign_in_for_want_of_a_token() {
    let world = World::start().await;
    let stranger = Agent::new();
    for agent in [&stranger, &world.alice] {
        let page = agent.open(&world.app.url("/bearer/user")).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (401, ""));
        assert!(!page.body.contains("/auth/login"), "{}", page.body);
    }
    let bearer = format!("Bearer {}", world.app.pool.sign_in("bob", CLIENT).unwrap().access_token);
    let navigation = [("accept", "text/html"), ("authorization", bearer.as_str())];
    let page = ask(&world.app.url("/session/user"), &navigation).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (401, ""));
    // The control: for a session it is the way on.
    let page = stranger.open(&world.app.url("/session/user")).await;
    assert_eq!((page.status.as_u16(), page.location_parameter("next").as_str()), (303, "/session/user"));
}

#[rocket::async_test]
async fn another_sites_form_meets_no_session_behind_bearer_only() {
    let world = World::start().await;
    for headers in [&[("sec-fetch-site", "cross-site")][..], &[("origin", "https://evil.example")], &[]] {
        for (path, expected) in
            [("/bearer/user", (401, "bearer_required")), ("/session/user", (403, "cross_site"))]
        {
            let page = world.alice.send(Method::POST, &world.app.url(path), headers, Some(&[])).await;
            assert_eq!(outcome(&page), (expected.0, expected.1.to_owned()), "{headers:?}");
            assert_eq!(page.set_cookies(), [""; 0]);
        }
    }
    let page = world.send(Method::POST, "/bearer/user", (Some("alice"), "bob")).await;
    assert_eq!(outcome(&page), (200, "bob".to_owned()));
}

#[rocket::async_test]
async fn bearer_only_renews_no_session() {
    let world = World::start().await;
    world.alice.drop_cookie("cognito_access_token");
    let exchanges = world.app.exchanges();
    for path in ["/bearer/user", "/bearer/option", "/bearer/forward"] {
        assert_eq!(world.alice.get(&world.app.url(path)).await.set_cookies(), [""; 0], "{path}");
    }
    assert_eq!(world.app.exchanges(), exchanges);
    let page = world.alice.get(&world.app.url("/session/user")).await;
    assert_eq!((outcome(&page), page.set_cookies().is_empty()), ((200, "alice".into()), false));
    assert_eq!(world.app.exchanges(), exchanges + 1);
}

#[rocket::async_test]
async fn both_need_the_fairing() {
    for mount in [bearer::mount, session::mount] {
        assert!(is_stopped(mount(rocket::custom(crate::support::figment()))).await);
    }
}
