//! Who gets in is decided by the route's guards and by the credential: not by other headers, not by how a
//! path is spelt, not by the method. Where a sign-in leads is decided by the settings.
//! Letters with numbers are rows of `docs/requirements.md`.

mod headers;
mod paths;
mod redirects;

use std::collections::BTreeMap;

use reqwest::header::{DATE, LOCATION, SET_COOKIE};
use reqwest::{Method, Url};
use rocket::{Build, Rocket, get, head, options, post, routes};
use rocket_cognito::{Cognito, CognitoUser, InGroups, catchers};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, parameters, set_cookie};
use crate::support::groups::Admin;

pub const CANARY: &str = "what only administrators see";

#[get("/public")]
fn public() -> &'static str {
    "what everybody sees"
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> String {
    user.map_or("nobody".into(), |user| user.username().to_owned())
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

#[get("/admin")]
fn admin(_admin: InGroups<Admin>) -> &'static str {
    CANARY
}

#[post("/change")]
fn change(_admin: InGroups<Admin>) -> &'static str {
    CANARY
}

#[head("/asked")]
fn asked(_admin: InGroups<Admin>) -> &'static str {
    CANARY
}

#[options("/asked")]
fn asked_for_options(_admin: InGroups<Admin>) -> &'static str {
    CANARY
}

fn build(rocket: Rocket<Build>) -> Rocket<Build> {
    let routes = routes![public, home, me, admin, change, asked, asked_for_options];
    rocket.attach(Cognito::fairing()).mount("/", routes).register("/", catchers())
}

pub async fn start() -> App {
    Setup::new().start_with(build).await
}

pub type Headers<'h> = &'h [(&'h str, &'h str)];

/// An answer but for what differs each time: the date, and an attempt's secrets.
#[derive(Debug, PartialEq)]
pub struct Essence {
    pub status: u16,
    headers: BTreeMap<String, Vec<String>>,
    body: String,
}

pub fn essence(page: &Page) -> Essence {
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in page.headers.iter().filter(|(name, _)| *name != DATE) {
        let value = value.to_str().unwrap();
        let lasting = match *name {
            LOCATION => without_secrets(value),
            SET_COOKIE => {
                let (name, _, attributes) = set_cookie(value);
                let kind = name.split_inclusive('_').take(2).collect::<String>();
                format!("{kind} {attributes:?}")
            }
            _ => value.to_owned(),
        };
        headers.entry(name.to_string()).or_default().push(lasting);
    }
    Essence { status: page.status.as_u16(), headers, body: page.body.clone() }
}

fn without_secrets(location: &str) -> String {
    let Ok(mut url) = Url::parse(location) else { return location.to_owned() };
    let secret = |name: &str| ["state", "nonce", "code_challenge"].contains(&name);
    let lasting: Vec<_> = parameters(location).into_iter().filter(|(name, _)| !secret(name)).collect();
    url.query_pairs_mut().clear().extend_pairs(lasting);
    url.into()
}

pub async fn send(agent: &Agent, method: Method, url: &str, headers: &[Headers<'_>]) -> Page {
    agent.send(method, url, &headers.concat(), None).await
}

pub const BROWSER: [(&str, &str); 2] = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];

/// The browser's cookies as a line for [`raw`].
pub fn cookie_line(agent: &Agent) -> String {
    let cookies: Vec<_> = agent.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("Cookie: {}\r\n", cookies.join("; "))
}

/// An answer to a request that no client has put in order.
pub struct RawAnswer {
    pub status: u16,
    pub location: String,
    pub text: String,
}

/// Sends a request line and headers as they stand.
pub async fn raw(app: &App, line: &str, headers: &str) -> RawAnswer {
    let request = format!("{line}\r\nConnection: close\r\n{headers}\r\n");
    let text = crate::support::raw::exchange(app.server.port, request).await;
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{line:?} {headers:?}: {text:?}"));
    let location =
        text.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned();
    RawAnswer { status, location, text }
}
