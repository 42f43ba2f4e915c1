//! An API in which nobody signs in: bearer tokens alone count.

use figment::Figment;
use reqwest::Method;
use rocket::{Route, get, post, routes};
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use rocket_cognito::{
    Callback, Cognito, CognitoUser, Denial, InGroups, Login, Logout, Refresh, SessionOnly, catchers,
};

use crate::support::agent::Agent;
use crate::support::figment;
use crate::support::server::Server;
use crate::{Admin, ask, ask_as, is_stopped, name, outcome};

const CLIENTS: [&str; 3] = ["shop", "mobile", "stranger"];

#[get("/me")]
fn me(user: CognitoUser) -> String {
    name(&user)
}

#[post("/me")]
fn post_me(user: CognitoUser) -> String {
    name(&user)
}

#[get("/admin")]
fn admin(user: InGroups<Admin>) -> String {
    name(&user)
}

#[get("/option")]
fn option(user: Option<CognitoUser>) -> String {
    user.map_or("nobody".into(), |user| name(&user))
}

#[get("/links")]
fn links(user: Result<CognitoUser, Denial>) -> String {
    user.err().map_or_else(String::new, |denial| denial.login_path().to_owned())
}

/// An API and the pool whose tokens it takes.
struct Api {
    pool: LocalPool,
    server: Server,
}

async fn pool() -> LocalPool {
    let config = LocalPoolConfig::default().port(0);
    let config = CLIENTS.into_iter().fold(config, |config, id| config.client(LocalClient::new(id)));
    LocalPool::start(config).await.unwrap()
}

/// What such an API needs, but for its clients, in the profile that people are served in.
fn needed(pool: &LocalPool) -> Figment {
    figment()
        .select("release")
        .merge(("cognito.routes", "none"))
        .merge(("cognito.user_pool_id", pool.user_pool_id()))
        .merge(("cognito.issuer", pool.issuer()))
}

impl Api {
    async fn start(with_clients: impl FnOnce(Figment) -> Figment) -> Self {
        let pool = pool().await;
        let server = Server::start(with_clients(needed(&pool)), |rocket| {
            rocket
                .attach(Cognito::fairing())
                .mount("/", routes![me, post_me, admin, option, links])
                .register("/", catchers())
        });
        Api { server: server.await, pool }
    }

    fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    fn token(&self, username: &str, client_id: &str) -> String {
        self.pool.sign_in(username, client_id).unwrap().access_token
    }
}

fn shop(figment: Figment) -> Figment {
    figment.merge(("cognito.client_id", "shop"))
}

#[rocket::async_test]
async fn pool_and_client_are_all_it_needs() {
    let api = Api::start(shop).await;
    for (username, status) in [("alice", 200), ("bob", 403)] {
        let token = api.token(username, "shop");
        assert_eq!(outcome(&ask_as(&api.url("/me"), &token).await), (200, username.to_owned()));
        assert_eq!(ask_as(&api.url("/admin"), &token).await.status, status);
        let bearer = format!("Bearer {token}");
        let from_elsewhere = [("authorization", bearer.as_str()), ("origin", "https://spa.example")];
        let page = Agent::new().post(&api.url("/me"), &from_elsewhere, &[]).await;
        assert_eq!(outcome(&page), (200, username.to_owned()));
    }
    for path in ["/auth/login", "/auth/callback", "/auth/logout", "/auth/refresh"] {
        for method in [Method::GET, Method::POST, Method::HEAD] {
            let page = Agent::new().send(method, &api.url(path), &[], None).await;
            assert_eq!(page.status, 404, "{path}");
        }
    }
    assert_eq!(api.pool.requests("/oauth2/token"), 0);
}

#[rocket::async_test]
async fn a_browser_is_told_and_never_sent_anywhere() {
    let api = Api::start(shop).await;
    let of_bob = format!("Bearer {}", api.token("bob", "shop"));
    for (path, header, (status, text)) in [
        ("/me", "", (401, "takes a bearer token")),
        ("/me", "Basic c3RhZ2luZzpzaXRl", (401, "another scheme")),
        ("/me", "Bearer x", (401, "Token not accepted")),
        ("/me", "Bearer a b", (401, "more words in it than one token")),
        ("/admin", &of_bob, (403, "your account may not do this")),
    ] {
        let headers = [("accept", "text/html"), ("sec-fetch-mode", "navigate"), ("authorization", header)];
        let headers = if header.is_empty() { &headers[..2] } else { &headers[..] };
        let page = ask(&api.url(path), headers).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{header}");
        assert!(page.body.contains(text), "{text:?} is not in:\n{}", page.body);
        assert!(!page.body.contains("/auth/") && !page.body.contains("Sign"), "{}", page.body);
        assert_eq!(page.set_cookies(), [""; 0]);
    }
    assert_eq!(ask(&api.url("/links"), &[]).await.body, "", "there is no path to sign in at");
}

#[rocket::async_test]
async fn cookies_count_for_nothing() {
    let api = Api::start(shop).await;
    let tokens = api.pool.sign_in("alice", "shop").unwrap();
    let agent = Agent::new();
    agent.set_cookie("cognito_access_token", &tokens.access_token);
    agent.set_cookie("cognito_id_token", &tokens.id_token);
    for (header, expected) in [
        ("", (401, "bearer_required")),
        ("Basic c3RhZ2luZzpzaXRl", (401, "other_scheme")),
        ("Bearer", (401, "missing_bearer_token")),
        ("Bearer x", (401, "invalid_token")),
    ] {
        let headers = [("authorization", header), ("sec-fetch-site", "same-origin")];
        let headers = if header.is_empty() { &headers[1..] } else { &headers[..] };
        for method in [Method::GET, Method::POST] {
            let page = agent.send(method, &api.url("/me"), headers, None).await;
            assert_eq!(outcome(&page), (expected.0, expected.1.to_owned()), "{header}");
        }
        assert_eq!(agent.send(Method::GET, &api.url("/option"), headers, None).await.body, "nobody");
    }
}

#[rocket::async_test]
async fn one_client_or_several_are_accepted() {
    let cases: [(&str, &[&str], [u16; 3]); 4] = [
        ("shop", &[], [200, 401, 401]),
        ("shop", &["mobile"], [200, 200, 401]),
        ("", &["shop"], [200, 401, 401]),
        ("", &["mobile", "shop"], [200, 200, 401]),
    ];
    for (own, others, statuses) in cases {
        let with_clients = |figment: Figment| {
            figment.merge(("cognito.client_id", own)).merge(("cognito.accepted_client_ids", others))
        };
        let api = Api::start(with_clients).await;
        for (client, status) in CLIENTS.into_iter().zip(statuses) {
            let page = ask_as(&api.url("/me"), &api.token("alice", client)).await;
            assert_eq!(page.status, status, "{own:?} {others:?}: {client}");
        }
    }
}

#[rocket::async_test]
async fn what_is_missing_is_told() {
    let pool = pool().await;
    let told = |figment: &Figment| Cognito::check_settings(figment).unwrap_err().to_string();
    let without_client = told(&needed(&pool));
    assert!(without_client.starts_with("1 setting needs"), "{without_client}");
    assert!(without_client.contains("`client_id`: is required and not set"), "{without_client}");
    let without_pool = told(&shop(figment().merge(("cognito.routes", "none"))));
    assert!(without_pool.starts_with("1 setting needs"), "{without_pool}");
    assert!(without_pool.contains("`user_pool_id`"), "{without_pool}");

    // An app in which people sign in is told that there is the other kind.
    let ordinary = shop(needed(&pool)).merge(("cognito.routes", ["login", "callback"]));
    let without_domain = told(&ordinary);
    for key in ["domain", "redirect_url", "logout_url", "secret_keys"] {
        assert!(without_domain.contains(&format!("`{key}`: is required and not set")), "{without_domain}");
    }
    assert!(without_domain.contains("for bearer tokens alone, needs routes = \"none\""), "{without_domain}");

    // One setting about routes of the app's own, and people sign in by them.
    for (key, value) in [
        ("redirect_url", "https://api.example.com/callback"),
        ("logout_url", "https://api.example.com/"),
        ("login_path", "/signin"),
        ("logout_path", "/signout"),
        ("callback_path", "/callback"),
    ] {
        let told = told(&shop(needed(&pool)).merge((format!("cognito.{key}"), value)));
        assert!(told.contains("`domain`: is required and not set"), "{key}: {told}");
    }
}

#[get("/signin")]
fn signin() -> Login {
    Login::new()
}

#[get("/signout")]
fn signout() -> Logout {
    Logout::new()
}

#[get("/auth/callback")]
fn callback(callback: Callback) -> Callback {
    callback
}

#[post("/renew")]
fn renew(_session: Refresh) {}

#[get("/account")]
fn account(_user: SessionOnly) {}

#[get("/perhaps")]
fn perhaps(_user: Option<SessionOnly<InGroups<Admin>>>) {}

#[rocket::async_test]
async fn what_only_sessions_can_use_stops_the_launch() {
    let pool = pool().await;
    let api = shop(needed(&pool)).merge(("cognito.refresh_flow_enabled", true));
    let ordinary = api
        .clone()
        .merge(("cognito.domain", pool.base_url()))
        .merge(("cognito.redirect_url", "http://localhost:8000/auth/callback"))
        .merge(("cognito.logout_url", "http://localhost:8000/"))
        .merge(("cognito.secret_keys", "a sealing key of more than thirty-two bytes"));
    let parts: [Vec<Route>; 6] = [
        routes![signin],
        routes![signout],
        routes![callback],
        routes![renew],
        routes![account],
        routes![perhaps],
    ];
    for routes in parts {
        let name = routes[0].name.clone();
        let app = |figment: &Figment| {
            rocket::custom(figment.clone()).attach(Cognito::fairing()).mount("/", routes.clone())
        };
        assert!(is_stopped(app(&api)).await, "{name:?}");
        assert!(!is_stopped(app(&ordinary)).await, "the control: {name:?}");
    }
    assert!(!is_stopped(rocket::custom(api).attach(Cognito::fairing()).mount("/", routes![me])).await);
}

/// The pool of a developer's machine does not make it another kind of app.
#[rocket::async_test]
async fn beside_the_embedded_pool_it_is_the_same() {
    let figment = figment().merge(("cognito.routes", "none")).merge(("cognito.local_pool.port", 0_u16));
    let app = || rocket::custom(figment.clone()).attach(Cognito::fairing());
    assert!(is_stopped(app().mount("/", routes![signin])).await);

    let server = Server::start(figment.clone(), |rocket| {
        let rocket = rocket.attach(Cognito::fairing());
        rocket.mount("/", routes![me, token]).register("/", catchers())
    });
    let server = server.await;
    let page = Agent::new().open(&server.url("/me")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (401, ""));
    let token = ask(&server.url("/token"), &[]).await.body;
    assert_eq!(outcome(&ask_as(&server.url("/me"), &token).await), (200, "alice".to_owned()));

    // With a path of its own sign-in, people sign in.
    let own = figment.merge(("cognito.login_path", "/signin"));
    let rocket = rocket::custom(own).attach(Cognito::fairing()).mount("/", routes![signin]);
    assert!(!is_stopped(rocket).await);
}

#[get("/token")]
fn token(pool: &rocket::State<LocalPool>) -> String {
    let client = pool.client_ids()[0].to_owned();
    pool.sign_in("alice", &client).unwrap().access_token
}
