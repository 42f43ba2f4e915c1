//! What a test of an app costs, with the test kit and with the local pool: `cargo bench --bench kit`.
//!
//! Launches and requests by Rocket's blocking local client, in process; each pair of cases takes turns in one run.

mod rounds;

use std::time::Instant;

use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::{Build, Config, Rocket, get, routes};
use rocket_cognito::local_pool::LocalPool;
use rocket_cognito::testing::{Ask, TestPool};
use rocket_cognito::{Cognito, CognitoUser};

use rounds::{Case, compare};

#[get("/open")]
fn open() -> &'static str {
    "Hello"
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    user.username().to_owned()
}

fn app(with_cognito: bool, local_pool: bool) -> Rocket<Build> {
    let settings = Config::figment().merge(("log_level", "off")).merge(("profile", "debug")).select("debug");
    let settings = match local_pool {
        true => settings.merge(("cognito.local_pool.port", 0)),
        false => settings.merge(("cognito.local_pool", false)),
    };
    let app = rocket::custom(settings).mount("/", routes![open]);
    if with_cognito { app.attach(Cognito::fairing()).mount("/", routes![me]) } else { app }
}

fn launch(app: Rocket<Build>) -> Client {
    Client::untracked(app).unwrap()
}

fn main() {
    let began = Instant::now();
    let pool = TestPool::new();
    drop(launch(pool.attach(app(true, false))));
    println!(
        "\nThe first launch with a `TestPool` in a process, which makes its keys: {:.0?}",
        began.elapsed()
    );
    compare(
        "A launch",
        vec![
            Case::new("of an app without this crate", |_| launch(app(false, false))),
            Case::new("with a `TestPool`", |_| launch(pool.attach(app(true, false)))),
            Case::new("with a local pool, which makes keys and listens", |_| launch(app(true, true))),
        ],
    );

    let (kit, local) = (launch(pool.attach(app(true, false))), launch(app(true, true)));
    let local_pool: &LocalPool = local.rocket().state().unwrap();
    let bearer = |client: &Client, token: String| {
        let header = Header::new("Authorization", format!("Bearer {token}"));
        assert_eq!(client.get("/me").header(header).dispatch().status(), Status::Ok);
    };
    let (alice, session) = (pool.person("alice"), pool.person("alice").session());
    let token = local_pool.sign_in("alice", "localclient").unwrap().access_token;
    let ok = |status: Status| assert_eq!(status, Status::Ok);
    compare(
        "A request",
        vec![
            Case::new("open route", |_| ok(kit.get("/open").dispatch().status())),
            Case::new("local pool: a token that was seen before", |_| bearer(&local, token.clone())),
            Case::new("kit: a session that has begun", |_| {
                ok(kit.get("/me").signed_in(&session).ask().status())
            }),
            Case::new("local pool: `sign_in`, and its token", |_| {
                bearer(&local, local_pool.sign_in("alice", "localclient").unwrap().access_token);
            }),
            Case::new("kit: `bearer(&alice)`", |_| ok(kit.get("/me").bearer(&alice).ask().status())),
            Case::new("kit: `signed_in(&alice)`, a new session", |_| {
                ok(kit.get("/me").signed_in(&alice).ask().status());
            }),
        ],
    );
}
