//! The app's hook for refusals, which an audit keeps.

use std::sync::{Arc, Mutex, PoisonError};

use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::response::Redirect;
use rocket::{Build, Rocket, catch, catchers, get, post, routes};
use rocket_cognito::policy::Rule;
use rocket_cognito::testing::{Ask, TestPool};
use rocket_cognito::{Caller, Cognito, CognitoUser, Denial, InGroups, OrForward};

use crate::support::groups::Admin;

#[get("/admin")]
fn admin(_admin: InGroups<Admin>) {}

#[get("/optional")]
fn optional(user: Option<CognitoUser>, result: Result<InGroups<Admin>, Denial>) -> Status {
    assert!(user.is_none() && result.is_err());
    Status::Ok
}

/// It has reasons of its own to lead away.
#[get("/elsewhere")]
fn elsewhere(_user: Option<CognitoUser>) -> Redirect {
    Redirect::to("/welcome")
}

#[get("/passing")]
fn passing(_user: OrForward<CognitoUser>) {}

#[get("/passing", rank = 2)]
fn passed() {}

#[post("/author")]
fn author(_user: CognitoUser) -> Denial {
    Denial::forbidden(Rule::named("its author"))
}

#[catch(403)]
fn hidden() -> Status {
    Status::NotFound
}

type Audit = Arc<Mutex<Vec<String>>>;

fn app(audit: &Audit) -> Rocket<Build> {
    let audit = Arc::clone(audit);
    let fairing = Cognito::fairing().on_denial(move |request, denial| {
        let who = Caller::of(request).map(|caller| match caller {
            Caller::Person(user) => user.username().to_owned(),
            Caller::Machine(machine) => machine.client_id().to_owned(),
        });
        let line = format!("{} {} {denial:?}", who.unwrap_or_default(), request.uri().path());
        let audit = Arc::clone(&audit);
        Box::pin(async move {
            assert_ne!(line, "panics /admin rule_not_met: needs group \"admin\"");
            audit.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            Err("the audit's own trouble".into())
        })
    });
    let figment = rocket::Config::figment().merge(("log_level", "off"));
    rocket::custom(figment)
        .attach(fairing)
        .mount("/", routes![admin, optional, elsewhere, passing, passed, author])
}

/// Whatever becomes of the hook, which fails or panics here.
#[test]
fn the_hook_for_refusals_runs_once_for_each_answer_that_refuses() {
    let (audit, pool) = (Audit::default(), TestPool::new());
    let ready = app(&audit).register("/", rocket_cognito::catchers());
    let client = Client::untracked(pool.attach(ready)).unwrap();
    let (bob, worker) = (pool.person("bob"), pool.machine("testclient"));
    for (request, status, line) in [
        (client.get("/admin"), 401, " /admin not_signed_in"),
        (client.get("/admin").as_page(), 303, " /admin not_signed_in"),
        (client.get("/admin").signed_in(&bob), 403, "bob /admin rule_not_met: needs group \"admin\""),
        (client.head("/admin").bearer(&bob), 403, "bob /admin rule_not_met: needs group \"admin\""),
        (client.get("/admin").bearer(&worker), 403, "testclient /admin person_required"),
        (client.post("/author").signed_in(&bob), 403, "bob /author rule_not_met: needs its author"),
        (client.post("/author").signed_in(&bob).from_another_site(), 403, " /author cross_site"),
        (client.get("/auth/callback?code=x"), 400, " /auth/callback bad_callback"),
        (client.get("/admin").signed_in(&pool.person("panics")), 403, ""),
        (client.get("/optional"), 200, ""),
        (client.get("/elsewhere"), 303, ""),
        (client.get("/passing"), 200, ""),
        (client.get("/admin").signed_in(&pool.person("alice").group("admin")), 200, ""),
    ] {
        let uri = request.uri().to_string();
        assert_eq!(request.ask().status().code, status, "{uri}");
        let lines = std::mem::take(&mut *audit.lock().unwrap());
        assert_eq!(lines, if line.is_empty() { Vec::new() } else { vec![line.to_owned()] }, "{uri}");
    }
}

#[test]
fn what_a_catcher_answers_otherwise_is_no_refusal() {
    let (audit, pool) = (Audit::default(), TestPool::new());
    let client = Client::untracked(pool.attach(app(&audit).register("/", catchers![hidden]))).unwrap();
    let answer = client.get("/admin").signed_in(&pool.person("bob")).ask();
    assert_ne!(answer.status(), Status::Forbidden);
    assert!(audit.lock().unwrap().is_empty());
}

/// It once ran for what was found of the browser's session on the way.
#[test]
fn a_callback_whose_sign_in_begins_again_by_itself_is_no_refusal() {
    let (audit, pool) = (Audit::default(), TestPool::new());
    let ready = app(&audit).register("/", rocket_cognito::catchers());
    let client = Client::untracked(pool.attach(ready)).unwrap();
    let answer = client.get("/auth/callback?code=x&state=y").as_page().ask();
    assert_eq!(answer.status(), Status::SeeOther);
    assert!(audit.lock().unwrap().is_empty());
}
