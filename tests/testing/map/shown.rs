//! The map as a text.

use rocket::response::content::RawHtml;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::testing::{self, Access};
use rocket_cognito::{CognitoUser, InGroups, OrForward, guarded};

use super::{Admin, launch};

/// README's app.
fn readme(rocket: Rocket<Build>) -> Rocket<Build> {
    #[get("/")]
    fn home(user: Option<CognitoUser>) -> RawHtml<&'static str> {
        RawHtml(match user {
            Some(_) => "in",
            None => "out",
        })
    }
    #[get("/me")]
    fn me(user: CognitoUser) -> String {
        format!("Hello, {}", user.username())
    }
    #[get("/admin")]
    fn admin(admin: InGroups<Admin>) -> String {
        format!("Welcome, {}", admin.username())
    }
    rocket.mount("/", routes![home, me, admin]).register("/", rocket_cognito::catchers())
}

#[test]
fn the_readme_s_app_is_open_at_its_first_page_alone() {
    let client = launch(readme);
    assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
}

#[test]
fn a_map_is_a_table_in_the_order_of_the_uris() {
    let expected = r#"
GET   /               open, and knows a person
GET   /admin          a person: group "admin"
GET   /auth/callback  of the fairing
HEAD  /auth/callback  of the fairing
GET   /auth/login     of the fairing
GET   /auth/logout    of the fairing
HEAD  /auth/logout    of the fairing
POST  /auth/logout    of the fairing
GET   /auth/refresh   of the fairing
HEAD  /auth/refresh   of the fairing
POST  /auth/refresh   of the fairing
GET   /me             a person
"#;
    let client = launch(readme);
    assert_eq!(format!("\n{}", testing::map(client.rocket())), expected);
}

#[get("/desk")]
fn desk(_admin: OrForward<InGroups<Admin>>) {}

#[get("/desk", rank = 2)]
fn other_desk() {}

#[post("/desk", format = "json")]
fn as_json() {}

#[post("/desk", format = "application/x-www-form-urlencoded")]
fn as_form(_user: CognitoUser) {}

#[test]
fn a_line_of_the_map_tells_routes_apart_by_rank_and_format() {
    let client = launch(|rocket| rocket.mount("/", routes![desk, other_desk, as_json, as_form]));
    let map = testing::map(client.rocket());
    let own = map.iter().filter(|route| *route.access() != Access::Fairing);
    let lines: Vec<_> = own.map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "GET /desk: a person: group \"admin\", or the next route",
            "GET /desk [2]: open",
            "POST /desk application/json: open",
            "POST /desk application/x-www-form-urlencoded: a person",
        ]
    );
    assert_eq!(map.open(), ["GET /desk", "POST /desk"]);
    let names: Vec<_> = map.iter().filter_map(|route| route.name()).collect();
    assert_eq!(names.iter().filter(|name| !name.starts_with("cognito ")).count(), 4);
    assert!(map.iter().all(|route| route.route().uri.as_str() == route.uri()));
}

#[rocket::async_test]
async fn a_map_is_made_of_an_asynchronous_client_too() {
    let jwks = crate::support::forge::JwksFile::new(&[&crate::support::forge::Key::new("k")]);
    let rocket =
        rocket::custom(crate::support::settings(&jwks.uri())).attach(rocket_cognito::Cognito::fairing());
    let rocket = rocket.mount("/", guarded::<CognitoUser>(routes![other_desk]));
    let client = rocket::local::asynchronous::Client::untracked(rocket).await.unwrap();
    assert!(testing::map(client.rocket()).open().is_empty());
}
