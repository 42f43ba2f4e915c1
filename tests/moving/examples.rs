//! What the programs do over HTTP.

use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use reqwest::{Method, Url};
use rocket::{Build, Rocket};
use rocket_cognito::{Clock, Cognito};
use serde_json::{Value, json};

use crate::app::{self, App, Setup};
use crate::support::agent::{Agent, Page};
use crate::{SETTINGS, flask_cognito_lib, flask_cognitologin};

/// As a browser says of a link on this site.
const LINK: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// Serves a program with its settings and a clock, at a local pool that takes the place of the real one.
async fn serve(settings: &str, program: fn() -> Rocket<Build>, clock: &Clock) -> App {
    let table: Dict = Figment::from(Toml::string(settings).nested()).extract_inner("cognito").unwrap();
    let path = |name: &str| Url::parse(table[name].as_str().unwrap()).unwrap().path().to_owned();
    let mut setup = Setup::new().redirect_path(&path("redirect_url")).logout_path(&path("logout_url"));
    for (key, value) in &table {
        if !["user_pool_id", "client_id", "domain", "redirect_url", "logout_url"].contains(&key.as_str()) {
            setup = setup.set(key, value);
        }
    }
    let build = |rocket: Rocket<Build>| {
        // Of two fairings the last counts.
        program().configure(rocket.figment()).attach(Cognito::fairing().clock(clock))
    };
    setup.start_with(build).await
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
async fn the_example_of_flask_cognitologin_loads_its_user_and_renews_who_that_is() {
    let clock = Clock::default();
    let app = serve(SETTINGS[1], flask_cognitologin::rocket, &clock).await;
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
