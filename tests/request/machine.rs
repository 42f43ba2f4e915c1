//! Machines and people at the guards of both.

use reqwest::Method;
use rocket::serde::json::Json;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::local_pool::LocalClient;
use rocket_cognito::policy::{CredentialSource, Fresh, Not, Scope, Scopes};
use rocket_cognito::{
    Authorized, BearerOnly, Caller, CognitoUser, Denial, InAnyGroup, InGroups, Machine, OrForward,
    SessionOnly,
};
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup, build, without_catchers};
use crate::{Admin, ask, ask_as, name, outcome};

const SECRET: &str = "of the machine";

struct Read;
impl Scope for Read {
    const NAME: &'static str = "orders/read";
}

struct Write;
impl Scope for Write {
    const NAME: &'static str = "orders/write";
}

named! {
    user at "/user": CognitoUser,
    in_groups at "/in-groups": InGroups<Admin>,
    in_any_group at "/in-any-group": InAnyGroup<Admin>,
    not_admin at "/not-admin": Authorized<Not<Admin>>,
    read_as_user at "/read-as-user": Authorized<Scopes<(Read,)>>,
    machine at "/machine": Machine,
    caller at "/caller": Caller,
    read at "/read": Authorized<Scopes<(Read,)>, Machine>,
    write at "/write": Authorized<Scopes<(Write,)>, Machine>,
    read_as_caller at "/read-as-caller": Authorized<Scopes<(Read,)>, Caller>,
    machine_not_admin at "/machine-not-admin": Authorized<Not<Admin>, Machine>,
    caller_not_admin at "/caller-not-admin": Authorized<Not<Admin>, Caller>,
    bearer_machine at "/bearer-machine": BearerOnly<Machine>,
    session_machine at "/session-machine": SessionOnly<Machine>,
    forward at "/forward": OrForward<Machine>,
    fresh_caller at "/fresh-caller": Authorized<Fresh<60>, Caller>,
}

#[get("/borrowed")]
fn borrowed(user: &CognitoUser) -> String {
    name(user)
}

#[get("/option")]
fn option(user: Option<CognitoUser>, machine: Option<Machine>) -> String {
    format!("{:?} {:?}", user.map(|user| name(&user)), machine.map(|machine| name(&machine)))
}

#[get("/result")]
fn result(machine: Result<Machine, Denial>) -> String {
    machine.map_or_else(|denial| denial.code().to_owned(), |machine| name(&machine))
}

#[get("/forward", rank = 2)]
fn forwarded(user: CognitoUser) -> String {
    format!("forwarded: {}", name(&user))
}

#[get("/about")]
fn about(machine: Machine) -> Json<Value> {
    let claims: Value = machine.access_claims().unwrap().unwrap();
    let user: &CognitoUser = machine.as_ref();
    Json(json!({
        "machine": machine,
        "client_id": machine.client_id(),
        "scopes": machine.scopes().collect::<Vec<_>>(),
        "sub": claims["sub"],
        "has_token": machine.access_token().is_some(),
        "expires": machine.expires_at().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() == claims["exp"],
        "groups": user.groups(),
        "is_machine": user.is_machine(),
        "is_bearer": user.source() == CredentialSource::Bearer,
        "debug": format!("{machine:?}"),
    }))
}

/// An app, and a pool with a machine that the app accepts and one that it does not.
async fn start() -> App {
    let machine = |id: &str| LocalClient::new(id).secret(SECRET).client_credentials();
    let setup = Setup::new().set("accepted_client_ids", ["worker"]).pool(|pool| {
        let worker = machine("worker").scope("orders/read").scope("orders/count");
        pool.client(worker).client(machine("stranger").scope("orders/read"))
    });
    let own = routes![borrowed, option, result, forwarded, about];
    setup.start_with(|rocket| build(rocket).mount("/", named()).mount("/", own)).await
}

/// A machine's token, as it gets one: by HTTP from the pool.
async fn token_of(app: &App, client_id: &str, scope: &str) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", SECRET),
        ("scope", scope),
    ];
    let answer = Agent::new().post(&format!("{}/oauth2/token", app.pool.base_url()), &[], &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

#[rocket::async_test]
async fn each_guard_takes_its_kind_of_caller() {
    let app = start().await;
    let machine = token_of(&app, "worker", "orders/read").await;
    let counting = token_of(&app, "worker", "orders/count").await;
    let alice = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    let bob = app.pool.sign_in("bob", CLIENT).unwrap().access_token;
    let (for_people, for_machines, unmet) = ("person_required", "machine_required", "rule_not_met");
    // A machine with the scope, one without it, a person in the group, one who is not.
    for (path, expected) in [
        ("/user", [for_people, for_people, "alice", "bob"]),
        ("/borrowed", [for_people, for_people, "alice", "bob"]),
        ("/in-groups", [for_people, for_people, "alice", unmet]),
        ("/in-any-group", [for_people, for_people, "alice", unmet]),
        ("/not-admin", [for_people, for_people, unmet, "bob"]),
        ("/read-as-user", [for_people, for_people, unmet, unmet]),
        ("/machine", ["worker", "worker", for_machines, for_machines]),
        ("/caller", ["worker", "worker", "alice", "bob"]),
        ("/read", ["worker", unmet, for_machines, for_machines]),
        ("/write", [unmet, unmet, for_machines, for_machines]),
        ("/read-as-caller", ["worker", unmet, unmet, unmet]),
        ("/machine-not-admin", ["worker", "worker", for_machines, for_machines]),
        ("/caller-not-admin", ["worker", "worker", unmet, "bob"]),
        ("/bearer-machine", ["worker", "worker", for_machines, for_machines]),
        ("/session-machine", ["session_required"; 4]),
        ("/forward", ["worker", "worker", "forwarded: alice", "forwarded: bob"]),
        (
            "/option",
            ["None Some(\"worker\")", "None Some(\"worker\")", "Some(\"alice\") None", "Some(\"bob\") None"],
        ),
        ("/result", ["worker", "worker", for_machines, for_machines]),
    ] {
        for (token, expected) in [&machine, &counting, &alice, &bob].into_iter().zip(expected) {
            let page = ask_as(&app.url(path), token).await;
            let status = match expected {
                _ if path == "/result" => 200,
                "session_required" => 401,
                it if [for_people, for_machines, unmet].contains(&it) => 403,
                _ => 200,
            };
            assert_eq!(outcome(&page), (status, expected.to_owned()), "{path}");
            let asks_for_scopes =
                expected == unmet && ["/read", "/write"].iter().any(|it| path.starts_with(it));
            let scope = if path == "/write" { "orders/write" } else { "orders/read" };
            let challenge = match (asks_for_scopes, expected) {
                (true, _) => format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""),
                (false, "session_required") => "Bearer".to_owned(),
                (false, _) => String::new(),
            };
            assert_eq!(page.header("www-authenticate"), challenge, "{path} {expected}");
        }
    }
    for path in ["/machine", "/caller", "/read"] {
        assert_eq!(outcome(&ask(&app.url(path), &[]).await), (401, "not_signed_in".into()), "{path}");
    }
}

#[rocket::async_test]
async fn a_machine_says_what_it_is_and_nothing_secret() {
    let app = start().await;
    let token = token_of(&app, "worker", "").await;
    let about: Value = serde_json::from_str(&ask_as(&app.url("/about"), &token).await.body).unwrap();
    let scopes = json!(["orders/read", "orders/count"]);
    assert_eq!(
        about,
        json!({
            "machine": { "client_id": "worker", "scopes": scopes },
            "client_id": "worker", "scopes": scopes, "sub": "worker", "has_token": true, "expires": true,
            "groups": [], "is_machine": true, "is_bearer": true,
            "debug": "Machine { client_id: \"worker\", .. }",
        })
    );
}

#[rocket::async_test]
async fn a_machine_that_is_not_accepted_is_nobody() {
    let app = start().await;
    let stranger = token_of(&app, "stranger", "orders/read").await;
    for path in ["/user", "/machine", "/caller", "/read"] {
        let page = ask_as(&app.url(path), &stranger).await;
        assert_eq!(outcome(&page), (401, "invalid_token".into()), "{path}");
    }
    for (key, value) in [("accepted_client_ids", "stranger"), ("client_id", "stranger")] {
        let other = app.instance(key, value).await;
        assert_eq!(outcome(&ask_as(&other.url("/me"), &stranger).await), (403, "person_required".into()));
    }
    let by_id_tokens = app.instance("bearer_token_use", "id").await;
    let worker = token_of(&app, "worker", "orders/read").await;
    assert_eq!(outcome(&ask_as(&by_id_tokens.url("/me"), &worker).await), (401, "invalid_token".into()));
}

/// However its request looks: there is nobody to ask for a password.
#[rocket::async_test]
async fn a_machine_is_never_sent_to_sign_in() {
    let app = start().await;
    let token = token_of(&app, "worker", "orders/read").await;
    assert_eq!(outcome(&ask_as(&app.url("/fresh-caller"), &token).await), (200, "worker".into()));
    app.pool.set_clock_skew_seconds(-120);
    let bearer = format!("Bearer {}", token_of(&app, "worker", "orders/read").await);
    let headers =
        [("authorization", bearer.as_str()), ("accept", "text/html"), ("sec-fetch-mode", "navigate")];
    for (path, status) in [("/fresh-caller", 401), ("/user", 403)] {
        let page = ask(&app.url(path), &headers).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (status, ""), "{path}");
    }
}

/// Also of the app's own client, whose tokens count in sessions.
#[rocket::async_test]
async fn a_machines_token_is_no_session() {
    let app = start().await;
    let token = token_of(&app, "worker", "orders/read").await;
    let own = app.instance("client_id", "worker").await;
    for url in [app.url("/me"), own.url("/me")] {
        assert_eq!(outcome(&ask_as(&url, &token).await), (403, "person_required".into()), "the control");
        let agent = Agent::new();
        agent.set_cookie("cognito_access_token", &token);
        assert_eq!(outcome(&agent.get(&url).await), (401, "session_expired".into()));
    }
    let agent = Agent::new();
    agent.set_cookie("cognito_access_token", &token);
    let perhaps = agent.send(Method::GET, &own.url("/"), &[], None).await;
    assert_eq!((perhaps.status.as_u16(), perhaps.body.as_str()), (200, "nobody"));
}

#[catch(403)]
fn forbidden(request: &Request<'_>) -> String {
    let caller = match Caller::of(request) {
        Some(Caller::Person(user)) => format!("person {}", user.username()),
        Some(Caller::Machine(machine)) => format!("machine {}", machine.client_id()),
        None => "nobody".to_owned(),
    };
    let user = CognitoUser::of(request).map(|user| user.username().to_owned());
    format!("{} {caller} {user:?}", Denial::of(request).unwrap().code())
}

#[catch(401)]
fn unauthorized(request: &Request<'_>) -> String {
    let nobody = Caller::of(request).is_none() && CognitoUser::of(request).is_none();
    format!("{} {nobody}", Denial::of(request).unwrap().code())
}

#[rocket::async_test]
async fn catchers_learn_who_called() {
    let worker = LocalClient::new("worker").secret(SECRET).scope("orders/read").client_credentials();
    let setup = Setup::new().set("accepted_client_ids", ["worker"]).pool(|pool| pool.client(worker));
    let app = setup
        .start_with(|rocket| {
            let rocket = without_catchers(rocket).mount("/", named());
            rocket.register("/", catchers![forbidden, unauthorized])
        })
        .await;
    let machine = token_of(&app, "worker", "orders/read").await;
    let bob = app.pool.sign_in("bob", CLIENT).unwrap().access_token;
    for (path, token, body) in [
        ("/user", &machine, "person_required machine worker None"),
        ("/write", &machine, "rule_not_met machine worker None"),
        ("/machine", &bob, "machine_required person bob Some(\"bob\")"),
        ("/in-groups", &bob, "rule_not_met person bob Some(\"bob\")"),
        ("/caller", &"x".to_owned(), "invalid_token true"),
    ] {
        assert_eq!(ask_as(&app.url(path), token).await.body, body, "{path}");
    }
}
