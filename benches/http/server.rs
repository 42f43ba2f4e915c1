//! The app that is measured.

use rocket::config::{Config, LogLevel};
use rocket::figment::Figment;
use rocket::figment::providers::Serialized;
use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{get, routes};
use rocket_cognito::{Cognito, CognitoUser, Group, InAnyGroup, InGroups};

/// The variable that makes a server of this program: its settings in JSON.
pub const SETTINGS: &str = "HTTP_BENCH_SETTINGS";

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

/// The least that a guard for bearer tokens can do.
struct Header;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Header {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let header =
            request.headers().get_one("Authorization").and_then(|header| header.strip_prefix("Bearer "));
        match header {
            Some(token) if token.len() > 100 => Outcome::Success(Header),
            _ => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

/// The least that a guard for sessions can do.
struct Cookie;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Cookie {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        match request.cookies().get("cognito_access_token") {
            Some(cookie) if cookie.value().len() > 100 => Outcome::Success(Cookie),
            _ => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

#[get("/open")]
fn open() -> &'static str {
    "Hello"
}

#[get("/header")]
fn header(_header: Header) -> &'static str {
    "Hello"
}

#[get("/cookie")]
fn cookie(_cookie: Cookie) -> &'static str {
    "Hello"
}

#[get("/user")]
fn user(_user: CognitoUser) -> &'static str {
    "Hello"
}

#[get("/in-groups")]
fn in_groups(_admin: InGroups<Admin>) -> &'static str {
    "Hello"
}

#[get("/in-any-group")]
fn in_any_group(_editor: InAnyGroup<Editor, Admin>) -> &'static str {
    "Hello"
}

pub fn run(settings: &str) {
    let config =
        Config { log_level: LogLevel::Off, workers: 1, cli_colors: false, ..Config::release_default() };
    let settings: serde_json::Value = serde_json::from_str(settings).expect("settings in JSON");
    let figment = Figment::from(config).merge(Serialized::globals(settings)).select("bench");
    let rocket = rocket::custom(figment)
        .attach(Cognito::fairing())
        .mount("/", routes![open, header, cookie, user, in_groups, in_any_group]);
    rocket::execute(rocket.launch()).expect("the server runs until it is stopped");
}
