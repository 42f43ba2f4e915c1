//! What the programs do over HTTP.

use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use reqwest::{Method, Url};
use rocket::{Build, Rocket};
use rocket_cognito::Clock;
use rocket_cognito::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use serde_json::{Value, json};

use super::{
    SETTINGS, cognito_python_helper, fastapi_cognito, flask_cognito, flask_cognito_lib, flask_cognitologin,
};
use crate::support::agent::{Agent, Page};
use crate::support::app::{self, App, Setup};

/// As a browser says of a link on this site.
const LINK: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// Its settings at a local pool, which takes the place of the real one.
fn setup(settings: &str) -> Setup {
    let table: Dict = Figment::from(Toml::string(settings).nested()).extract_inner("cognito").unwrap();
    let path = |name: &str| Some(Url::parse(table.get(name)?.as_str()?).unwrap().path().to_owned());
    let setup = match (path("redirect_url"), path("logout_url")) {
        (Some(callback), Some(logout)) => Setup::new().redirect_path(&callback).logout_path(&logout),
        // Not set, and neither are its other settings for a sign-in.
        _ => ["redirect_url", "logout_url", "domain", "client_secret", "secret_keys"]
            .into_iter()
            .fold(Setup::new(), |setup, key| setup.set(key, "")),
    };
    let of_the_pool = ["user_pool_id", "client_id", "domain", "redirect_url", "logout_url"];
    let others = table.iter().filter(|(key, _)| !of_the_pool.contains(&key.as_str()));
    others.fold(setup, |setup, (key, value)| setup.set(key, value))
}

/// Serves a program with its settings and a clock.
async fn serve(settings: &str, program: fn() -> Rocket<Build>, clock: &Clock) -> App {
    let build = |rocket: Rocket<Build>| program().configure(rocket.figment()).manage(clock.clone());
    setup(settings).start_with(build).await
}

fn json_of(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

#[rocket::async_test]
async fn the_example_of_flask_cognito_lib_signs_in_judges_groups_renews_and_signs_out() {
    let app = serve(SETTINGS[0], flask_cognito_lib::rocket, &Clock::default()).await;
    let agent = Agent::new();
    assert_eq!(agent.get(&app.url("/claims")).await.status, 401, "a program is told");
    let page = agent.open(&app.url("/admin")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/login?next=%2Fadmin"));

    let page = agent.sign_in(&app.url("/login"), "alice").await;
    assert_eq!(page.url.path(), "/claims");
    let shown = json_of(&page);
    assert_eq!(shown["claims"]["cognito:groups"], json!(["admin"]));
    assert_eq!(shown["claims"]["client_id"], app::CLIENT);
    assert_eq!(shown["user_info"]["email"], "alice@example.com");
    let cookies = agent.cookies();
    let names = ["cognito_access_token", "cognito_id_token", "cognito_refresh_token"];
    assert_eq!(cookies.keys().collect::<Vec<_>>(), names);
    for path in ["/admin", "/edit"] {
        assert_eq!(json_of(&agent.get(&app.url(path)).await), json!(["admin"]), "{path}");
    }

    let renewed = agent.post(&app.url("/refresh"), &[("origin", &app.origin())], &[]).await;
    assert_eq!(json_of(&renewed)["username"], "alice");
    assert_ne!(agent.cookie(names[0]), cookies.get(names[0]).cloned());
    assert_eq!(agent.post(&app.url("/refresh"), &[], &[]).await.status, 403, "another site may have sent it");

    let token = app.refresh_token(&agent);
    let left = agent.send(Method::GET, &app.url("/logout"), &LINK, None).await;
    assert_eq!(left.location_parameter("logout_uri"), app.url("/postlogout"));
    assert!(agent.cookies().is_empty());
    assert!(!app.accepts_refresh_token(&token).await);
    let home = agent.follow(&left.location()).await;
    assert_eq!((home.url.path(), home.body.as_str()), ("/", "Hello, world!"));

    let page = agent.sign_in(&app.url("/edit"), "bob").await;
    assert_eq!((page.url.path(), json_of(&page)), ("/edit", json!(["editor"])));
    let page = agent.open(&app.url("/admin")).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (403, "\"None of your groups may open this.\""));
}

#[rocket::async_test]
async fn the_example_of_flask_cognito_takes_either_token_in_its_own_header_and_knows_its_users() {
    let app = serve(SETTINGS[1], flask_cognito::rocket, &Clock::default()).await;
    let agent = Agent::new();
    let get = async |path: &str, header: &str, value: &str| {
        agent.send(Method::GET, &app.url(path), &[(header, value)], None).await
    };
    let header = "x-myapp-authorization";
    for (username, user_id, foo) in [("alice", 1, 200), ("bob", 2, 403)] {
        let tokens = app.pool.sign_in(username, app::CLIENT).unwrap();
        for token in [tokens.access_token, tokens.id_token] {
            let bearer = format!("Bearer {token}");
            let page = get("/api/private", header, &bearer).await;
            assert_eq!(json_of(&page), json!({ "cognito_username": username, "user_id": user_id }));
            assert_eq!(get("/api/foo", header, &bearer).await.status, foo, "{username}");
            assert_eq!(get("/api/private", "authorization", &bearer).await.status, 401, "another header");
            let page = get("/api/private", header, &format!("JWT {token}")).await;
            assert!(page.status == 401 && page.body.contains("\"other_scheme\""), "{}", page.body);
            agent.set_cookie("cognito_access_token", &token);
            assert_eq!(agent.get(&app.url("/api/private")).await.status, 401, "a cookie");
        }
    }
    let carol = app.pool.sign_in("carol", app::CLIENT).unwrap().access_token;
    let page = get("/api/private", header, &format!("Bearer {carol}")).await;
    assert!(page.status == 403 && page.body.contains("\"unknown_user\""), "{}", page.body);
    let page = agent.open(&app.url("/api/private")).await;
    assert_eq!(page.status, 401, "there is no sign-in to lead a browser to");
    assert_eq!(agent.get(&app.url("/auth/login")).await.status, 404);
}

#[rocket::async_test]
async fn the_example_of_flask_cognitologin_loads_its_user_and_renews_who_that_is() {
    let clock = Clock::default();
    let app = serve(SETTINGS[2], flask_cognitologin::rocket, &clock).await;
    let agent = Agent::new();
    let page = agent.open(&app.url("/")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/login?next=%2F"));
    let page = agent.get(&app.url("/callback?code=x&state=y")).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (400, "You have no access"));

    let page = agent.sign_in(&app.url("/"), "alice").await;
    let hello = async || agent.get(&app.url("/")).await.body;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/"));
    assert!(page.body.starts_with("Hello, alice ("), "{}", page.body);
    assert!(page.body.ends_with("), Some(\"alice@example.com\"), [\"admin\"]"), "{}", page.body);

    app.pool.set_groups("alice", ["admin", "editor"]).unwrap();
    assert_eq!((hello().await, app.exchanges()), (page.body.clone(), 1), "not before the token expires");
    clock.advance(Duration::from_secs(3600));
    app.pool.set_clock_skew_seconds(3600);
    assert!(hello().await.ends_with("[\"admin\", \"editor\"]"));
    assert_eq!(app.exchanges(), 2);

    let left = agent.send(Method::GET, &app.url("/logout"), &LINK, None).await;
    assert_eq!(agent.get(&app.url("/")).await.status, 401);
    let page = agent.sign_in(&left.location(), "bob").await;
    assert_eq!(page.url.path(), "/");
    assert!(page.body.starts_with("Hello, bob ("), "{}", page.body);
}

#[rocket::async_test]
async fn the_example_of_cognito_python_helper_keeps_its_tokens_and_renews_them_itself() {
    let program = |rocket: Rocket<Build>| cognito_python_helper::rocket().configure(rocket.figment());
    let app = setup(SETTINGS[3]).start_with(program).await;
    let agent = Agent::new();
    let home = async || agent.get(&app.url("/")).await;
    let page = agent.sign_in(&app.url("/"), "alice").await;
    assert_eq!((page.url.path(), page.body.as_str()), ("/", "Your address is alice@example.com"));
    assert_eq!((home().await.body, app.exchanges()), (page.body.clone(), 1));
    assert_eq!(agent.cookies().keys().collect::<Vec<_>>(), ["id_token", "refresh_token"]);

    app.pool.set_clock_skew_seconds(-7200);
    let expired = app.pool.sign_in("alice", app::CLIENT).unwrap().id_token;
    app.pool.set_clock_skew_seconds(0);
    agent.set_cookie("id_token", &expired);
    assert_eq!((home().await.body, app.exchanges()), (page.body, 2));
    assert_ne!(agent.cookie("id_token"), Some(expired), "renewed, and kept");

    agent.drop_cookie("id_token");
    agent.set_cookie("refresh_token", "used up");
    let begun = home().await;
    assert_eq!((begun.status.as_u16(), app.exchanges()), (303, 3), "{}", begun.body);
    let callback = agent.open(&begun.location()).await.location();
    assert_eq!(Agent::new().get(&callback).await.status, 400, "another browser");
    let forged = agent.get(&app.url("/login?code=x&state=y")).await;
    assert_eq!((forged.status.as_u16(), app.exchanges()), (400, 3), "the code is not spent on it");
    assert_eq!(agent.get(&callback).await.location(), app.url("/"));
    assert_eq!(agent.get(&callback).await.status, 400, "once");
}

#[rocket::async_test]
async fn the_example_of_fastapi_cognito_takes_the_tokens_of_two_pools_each_at_its_own_routes() {
    let config = LocalPoolConfig::default().port(0).user_pool_id("us-east-1_XyZ789");
    let us = LocalPool::start(config.client(LocalClient::new("us"))).await.unwrap();
    let settings = [("user_pool_id", us.user_pool_id()), ("client_id", "us"), ("issuer", &us.issuer())]
        .into_iter()
        .fold(Figment::new(), |settings, (key, value)| settings.merge((format!("cognito_us.{key}"), value)));
    let program =
        |rocket: Rocket<Build>| fastapi_cognito::rocket().configure(rocket.figment().clone().merge(settings));
    let app = setup(SETTINGS[4]).start_with(program).await;
    let tokens = [app.pool.sign_in("alice", app::CLIENT).unwrap(), us.sign_in("bob", "us").unwrap()];
    let [of_eu, of_us] = tokens.map(|tokens| format!("Bearer {}", tokens.access_token));
    let agent = Agent::new();
    for (path, header, expected) in [
        ("/", Some(&of_eu), Some("alice")),
        ("/", Some(&of_us), None),
        ("/", None, None),
        ("/us", Some(&of_us), Some("bob")),
        ("/us", Some(&of_eu), None),
        ("/us", None, None),
    ] {
        let headers: Vec<_> = header.iter().map(|header| ("authorization", header.as_str())).collect();
        let page = agent.send(Method::GET, &app.url(path), &headers, None).await;
        match expected {
            Some(username) => assert_eq!(json_of(&page)["username"], username, "{path}"),
            None => assert_eq!(page.status, 401, "{path} {header:?}"),
        }
    }
    assert_eq!(json_of(&agent.get(&app.url("/optional")).await)["username"], Value::Null);
    let headers = [("authorization", of_eu.as_str())];
    let page = agent.send(Method::GET, &app.url("/optional"), &headers, None).await;
    assert_eq!(json_of(&page)["username"], "alice");
}
