//! The programs of `docs/moving-from-flask.md`, as they stand there, at a local pool.

#[path = "../flow/app.rs"]
mod app;
#[allow(dead_code, reason = "a whole program has a `main`")]
mod flask_cognito_lib;
#[path = "../flow/sealing.rs"]
mod sealing;
#[path = "../support/mod.rs"]
mod support;

use figment::Figment;
use figment::providers::{Format, Toml};
use figment::value::Dict;
use reqwest::{Method, Url};
use rocket::{Build, Rocket};
use rocket_cognito::Cognito;
use serde_json::{Value, json};

use app::{App, Setup};
use support::agent::{Agent, Page};
use support::figment;

const GUIDE: &str = include_str!("../../docs/moving-from-flask.md");
/// Settings that are not there yet.
const LATER: [&str; 3] =
    ["COGNITO_CHECK_TOKEN_EXPIRATION", "COGNITO_JWT_HEADER_NAME", "COGNITO_JWT_HEADER_PREFIX"];
/// As a browser says of a link on this site.
const LINK: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

/// Serves a program with its settings, at a local pool that takes the place of the real one.
async fn serve(settings: &str, program: fn() -> Rocket<Build>) -> App {
    let table: Dict = Figment::from(Toml::string(settings).nested()).extract_inner("cognito").unwrap();
    let path = |name: &str| Url::parse(table[name].as_str().unwrap()).unwrap().path().to_owned();
    let mut setup = Setup::new().redirect_path(&path("redirect_url")).logout_path(&path("logout_url"));
    for (key, value) in &table {
        if !["user_pool_id", "client_id", "domain", "redirect_url", "logout_url"].contains(&key.as_str()) {
            setup = setup.set(key, value);
        }
    }
    setup.start_with(|rocket| program().configure(rocket.figment())).await
}

fn json_of(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

/// The guide's blocks of code in a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let blocks = GUIDE.split("\n```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn the_guide_shows_the_programs_and_settings_that_are_tested() {
    assert_eq!(blocks("rust,no_run"), [include_str!("flask_cognito_lib.rs")].map(str::trim_end));
    assert_eq!(blocks("toml"), [include_str!("flask_cognito_lib.toml")].map(str::trim_end));
}

#[test]
fn a_launch_accepts_the_settings_of_the_guide_as_they_stand_there() {
    for block in blocks("toml") {
        let figment = figment().merge(Toml::string(block).nested());
        Cognito::check_settings(&figment).unwrap_or_else(|error| panic!("{block}\n{error}"));
    }
}

/// The words of a cell that stand in backquotes.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Settings under the names that they have in Python, as the guide's tables say.
#[test]
fn a_launch_says_the_new_name_of_every_setting_that_the_guide_translates() {
    let is_theirs = |name: &str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let is_ours = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let mut translated = 0;
    for row in GUIDE.lines().filter_map(|line| line.strip_prefix("| ")) {
        let [theirs, ours, ..] = row.split(" | ").collect::<Vec<_>>()[..] else { continue };
        if !ours.starts_with('`') || LATER.iter().any(|name| theirs.contains(name)) {
            continue;
        }
        for name in names(theirs).filter(|name| is_theirs(name)) {
            let settings = support::settings("http://127.0.0.1:9/").merge((format!("cognito.{name}"), "x"));
            let told = Cognito::check_settings(&settings).unwrap_err().to_string();
            let is_told = |ours: &str| told.contains(&format!("did you mean `{ours}`?"));
            assert!(names(ours).filter(|ours| is_ours(ours)).any(is_told), "{name}: {ours}\n{told}");
            translated += 1;
        }
    }
    assert!(translated > 35, "{translated}");
}

#[rocket::async_test]
async fn the_example_of_flask_cognito_lib_signs_in_judges_groups_renews_and_signs_out() {
    let app = serve(include_str!("flask_cognito_lib.toml"), flask_cognito_lib::rocket).await;
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
