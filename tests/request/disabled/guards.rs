//! Whatever a request carries, and whatever a guard asks for.

use std::time::SystemTime;

use reqwest::Method;
use rocket::{Build, Rocket, get, post, routes};
use rocket_cognito::policy::{All, Decision, Not, Policy, Rule, Scope, Scopes};
use rocket_cognito::{
    Authorized, BearerOnly, Caller, Cognito, CognitoUser, Denial, InAnyGroup, InGroups, Machine, OrForward,
    SessionOnly,
};

use super::disabled;
use crate::support::agent::Agent;
use crate::support::app;
use crate::support::forge::{JwksFile, Key};
use crate::support::groups::{Admin, Editor};
use crate::support::server::Server;
use crate::support::{free_port, settings};

struct Write;
impl Scope for Write {
    const NAME: &'static str = "shop/write";
}

struct Nobody;
impl Policy for Nobody {
    fn check(_: &CognitoUser, _: SystemTime) -> Decision {
        Decision::Refused(Self::rule())
    }

    fn rule() -> Rule {
        Rule::named("to be nobody")
    }
}

struct WhoKnows;
impl Policy for WhoKnows {
    fn check(_: &CognitoUser, _: SystemTime) -> Decision {
        Decision::Undecided(Self::rule())
    }

    fn rule() -> Rule {
        Rule::named("what nobody can tell")
    }
}

fn name(user: &impl AsRef<CognitoUser>) -> String {
    user.as_ref().username().to_owned()
}

macro_rules! guarded {
    ($($name:ident: $guard:ty),+ $(,)?) => {
        $(
            mod $name {
                use super::*;

                #[get("/")]
                pub fn read(user: $guard) -> String {
                    name(&user)
                }

                #[post("/")]
                pub fn write(user: $guard) -> String {
                    name(&user)
                }
            }
        )+

        const GUARDS: &[&str] = &[$(stringify!($name)),+];

        fn guarded(rocket: Rocket<Build>) -> Rocket<Build> {
            rocket.attach(Cognito::fairing())
                $(.mount(concat!("/", stringify!($name)), routes![$name::read, $name::write]))+
                .mount("/", routes![option, result, fallback])
        }
    };
}

guarded! {
    user: CognitoUser,
    borrowed: &CognitoUser,
    in_groups: InGroups<Admin, Editor>,
    in_any_group: InAnyGroup<Admin, Editor>,
    group: Authorized<Admin>,
    not: Authorized<Not<Not<Admin>>>,
    scopes: Authorized<Scopes<(Write,)>>,
    nobody: Authorized<Nobody>,
    who_knows: Authorized<All<(WhoKnows, Not<WhoKnows>)>>,
    or_forward: OrForward<InGroups<Admin>>,
    machine: Machine,
    caller: Caller,
    scopes_of_machine: Authorized<Scopes<(Write,)>, Machine>,
    not_of_caller: Authorized<Not<Not<Admin>>, Caller>,
    bearer: BearerOnly,
    bearer_admin: BearerOnly<InGroups<Admin>>,
    session: SessionOnly,
    session_admin: SessionOnly<InGroups<Admin>>,
}

#[get("/option")]
fn option(user: Option<CognitoUser>) -> String {
    user.map_or("nobody".into(), |user| user.username().to_owned())
}

#[get("/result")]
fn result(user: Result<CognitoUser, Denial>) -> String {
    user.map_or_else(|denial| denial.code().to_owned(), |user| user.username().to_owned())
}

#[get("/or_forward", rank = 2)]
fn fallback() -> &'static str {
    "forwarded"
}

const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// What a request may carry, beside the proof that it comes from this site.
const HEADERS: [&[(&str, &str)]; 7] = [
    &[HERE],
    &[HERE, ("authorization", "Bearer x.y.z")],
    &[HERE, ("authorization", "Bearer a b")],
    &[HERE, ("authorization", "Bearer x.y.z"), ("authorization", "Basic Zm9vOmJhcg==")],
    &[HERE, ("cookie", "cognito_access_token=x.y.z; cognito_refresh_token=x")],
    &[HERE, ("origin", "https://evil.example")],
    &[HERE, ("cookie", "cognito_access_token=x.y.z"), ("upgrade", "websocket"), ("connection", "upgrade")],
];

async fn answers(server: &Server, path: &str) -> Vec<(u16, String)> {
    let agent = Agent::new();
    let mut answers = Vec::new();
    for headers in HEADERS {
        for method in [Method::GET, Method::POST] {
            let page = agent.send(method, &server.url(path), headers, None).await;
            answers.push((page.status.as_u16(), page.body));
        }
    }
    answers
}

/// O12. And each of them lets nobody in where disabled mode is off.
#[rocket::async_test]
async fn every_guard_lets_every_request_pass_in_disabled_mode_only() {
    let on = Server::start(disabled(), guarded).await;
    let keys = JwksFile::new(&[&Key::new("k")]);
    let off = settings(&keys.uri()).merge(("cognito.disabled", false)).merge(("port", free_port()));
    let off = Server::start(off, guarded).await;
    for guard in GUARDS {
        for (status, body) in answers(&on, &format!("/{guard}")).await {
            assert_eq!((status, body.as_str()), (200, "disabled"), "{guard}");
        }
        for (status, body) in answers(&off, &format!("/{guard}")).await {
            assert!(status >= 400 || body == "forwarded", "{guard}: {status} {body}");
        }
    }
    for optional in ["/option", "/result"] {
        let agent = Agent::new();
        for headers in HEADERS {
            assert_eq!(agent.send(Method::GET, &on.url(optional), headers, None).await.body, "disabled");
            assert_ne!(agent.send(Method::GET, &off.url(optional), headers, None).await.body, "disabled");
        }
    }
}

#[rocket::async_test]
async fn who_has_a_session_of_before_is_the_stub_user_too() {
    let app = app::App::start().await;
    let agent = app.signed_in("alice").await;
    let disabled = app.instance("disabled", true).await;
    assert_eq!(agent.get(&app.url("/")).await.body, "alice");
    assert_eq!(agent.get(&disabled.url("/")).await.body, "disabled");
}
