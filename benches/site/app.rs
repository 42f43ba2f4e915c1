//! The app that is measured.

use rocket::config::{Config, LogLevel};
use rocket::figment::Figment;
use rocket::figment::providers::Serialized;
use rocket::http::{Header as HttpHeader, Status};
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{Build, Responder, Rocket, catch, catchers, get, routes};
use rocket_cognito::{Cognito, CognitoUser, Group, InAnyGroup, InGroups};
use serde_json::Value;

use super::by_hand;

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
        let cookies = request.cookies();
        match cookies.get("cognito_access_token").or_else(|| cookies.get("cognito_sid")) {
            Some(cookie) if cookie.value().len() > 60 => Outcome::Success(Cookie),
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

/// An answer with the header that each guarded one has, so that no cache keeps it.
#[derive(Responder)]
pub struct Private {
    body: &'static str,
    cache_control: HttpHeader<'static>,
}

impl Private {
    pub fn hello() -> Self {
        Private { body: "Hello", cache_control: HttpHeader::new("Cache-Control", "no-store") }
    }
}

#[get("/header-private")]
fn header_private(_header: Header) -> Private {
    Private::hello()
}

#[get("/cookie-private")]
fn cookie_private(_cookie: Cookie) -> Private {
    Private::hello()
}

#[get("/user")]
fn user(_user: CognitoUser) -> &'static str {
    "Hello"
}

/// Of the session's ID token.
#[get("/email")]
fn email(user: CognitoUser) -> &'static str {
    assert!(user.email().is_some());
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

#[get("/three")]
fn three(_user: CognitoUser, _admin: InGroups<Admin>, _editor: InAnyGroup<Editor, Admin>) -> &'static str {
    "Hello"
}

const UNAUTHORIZED: &str = "Sign in first";

#[catch(401)]
fn unauthorized() -> &'static str {
    UNAUTHORIZED
}

/// The catcher's answer without any guard.
#[get("/unauthorized")]
fn open_unauthorized() -> (Status, &'static str) {
    (Status::Unauthorized, UNAUTHORIZED)
}

/// An answer with the headers that each refusal of a bad token has.
#[derive(Responder)]
#[response(status = 401)]
struct Refusal {
    private: Private,
    challenge: HttpHeader<'static>,
}

#[get("/unauthorized-private")]
fn unauthorized_private() -> Refusal {
    let challenge = HttpHeader::new("WWW-Authenticate", "Bearer error=\"invalid_token\"");
    Refusal { private: Private { body: UNAUTHORIZED, ..Private::hello() }, challenge }
}

/// The app with these settings; without a table `cognito` among them, only what needs no fairing.
pub fn rocket(settings: &Value) -> Rocket<Build> {
    let config =
        Config { log_level: LogLevel::Off, workers: 1, cli_colors: false, ..Config::release_default() };
    let figment = Figment::from(config).merge(Serialized::globals(settings)).select("bench");
    let rocket = rocket::custom(figment)
        .mount("/", routes![open, header, cookie, header_private, cookie_private])
        .mount("/", routes![open_unauthorized, unauthorized_private])
        .register("/", catchers![unauthorized]);
    if settings.get("cognito").is_none() {
        return rocket;
    }
    let rocket = match settings.get(by_hand::TABLE) {
        Some(entry) => by_hand::add(rocket, serde_json::from_value(entry.clone()).expect("an entry")),
        None => rocket,
    };
    rocket.attach(Cognito::fairing()).mount("/", routes![user, email, in_groups, in_any_group, three])
}

/// Serves it until the process is told to end.
pub fn serve(rocket: Rocket<Build>) {
    rocket::execute(rocket.launch()).expect("the server runs until it is stopped");
}
