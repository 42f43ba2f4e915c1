//! Agents that act for people, at the guards of both (RFC 8693 section 4.1).

use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::policy::{Fresh, Not};
use rocket_cognito::{
    Authorized, BearerOnly, Caller, Cognito, CognitoUser, CurrentUser, Denial, InAnyGroup, InGroups,
    LoadUser, Machine, OrForward, PersonOrAgent, SessionOnly,
};
use serde_json::{Value, json};

use crate::support::forge::{CLIENT_ID, JwksFile, Key, access_claims, id_claims, with, without};
use crate::support::pool::{Pool, Visit};
use crate::support::rig::{Reply, answer, endpoints};
use crate::support::server::Server;
use crate::support::settings;
use crate::{Admin, ask_as, name, outcome};

struct Account;

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(_: &CognitoUser, _: &Request<'_>) -> AppResult<Option<Self>> {
        Ok(Some(Account))
    }
}

named! {
    user at "/user": CognitoUser,
    in_groups at "/in-groups": InGroups<Admin>,
    in_any_group at "/in-any-group": InAnyGroup<Admin>,
    admin at "/admin": Authorized<Admin>,
    bearer at "/bearer": BearerOnly,
    account at "/account": CurrentUser<Account>,
    caller at "/caller": Caller,
    machine at "/machine": Machine,
    either at "/either": PersonOrAgent,
    either_admin at "/either-admin": Authorized<Admin, PersonOrAgent>,
    either_not_admin at "/either-not-admin": Authorized<Not<Admin>, PersonOrAgent>,
    either_bearer at "/either-bearer": BearerOnly<PersonOrAgent>,
    either_account at "/either-account": CurrentUser<Account, Authorized<Admin, PersonOrAgent>>,
    either_session at "/either-session": SessionOnly<PersonOrAgent>,
    fresh at "/fresh": Authorized<Fresh<900>>,
    either_fresh at "/either-fresh": Authorized<Fresh<900>, PersonOrAgent>,
    either_not_fresh at "/either-not-fresh": Authorized<Not<Fresh<900>>, PersonOrAgent>,
    forward at "/forward": OrForward<CognitoUser>,
}

#[get("/forward", rank = 2)]
fn forwarded(by: PersonOrAgent) -> String {
    format!("forwarded: {}", name(&by))
}

#[get("/borrowed")]
fn borrowed(user: &CognitoUser) -> String {
    name(user)
}

#[get("/option")]
fn option(user: Option<CognitoUser>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| name(&user))
}

#[get("/result")]
fn result(user: Result<CognitoUser, Denial>) -> String {
    user.map_or_else(|denial| denial.code().to_owned(), |user| name(&user))
}

#[get("/who")]
fn who(by: PersonOrAgent) -> String {
    let by_whom = by.actor().map(|actor| {
        let earlier = actor.actor().map(|actor| actor.sub());
        format!("{:?} {:?} {earlier:?}", actor.sub(), actor.client_id())
    });
    format!("{} by {by_whom:?}", by.user().username())
}

#[get("/by-default")]
fn by_default(user: CognitoUser) -> String {
    format!("{:?}", user.actor().map(|actor| actor.sub()))
}

#[get("/of")]
fn of(_either: PersonOrAgent) -> Result<(), rocket::http::Status> {
    Err(rocket::http::Status::ImATeapot)
}

#[get("/of-refused")]
fn of_refused(_user: Result<CognitoUser, Denial>) -> Result<(), rocket::http::Status> {
    Err(rocket::http::Status::ImATeapot)
}

#[get("/sign-in")]
fn sign_in(by: PersonOrAgent) -> String {
    format!("{:?} {:?} {:?} {}", by.acr(), by.level(), by.amr(), by.authenticated_at().is_some())
}

#[catch(418)]
fn teapot(request: &Request<'_>) -> String {
    let user = CognitoUser::of(request).map(|user| name(&user));
    let caller = Caller::of(request).map(|caller| name(&caller));
    let either = PersonOrAgent::of(request).map(|by| name(&by));
    format!("{user:?} {caller:?} {either:?}")
}

fn build(rocket: rocket::Rocket<rocket::Build>) -> rocket::Rocket<rocket::Build> {
    rocket
        .attach(Cognito::fairing())
        .mount("/", named())
        .mount("/", routes![forwarded, borrowed, option, result, who, by_default, of, of_refused, sign_in])
        .register("/", rocket_cognito::catchers())
        .register("/", catchers![teapot])
}

fn admin_claims() -> Value {
    with(access_claims(), "cognito:groups", json!(["admin"]))
}

fn delegated(act: Value) -> Value {
    with(admin_claims(), "act", act)
}

async fn start(key: &Key, accepted: Option<bool>) -> (JwksFile, Server) {
    let keys = JwksFile::new(&[key]);
    let settings = settings(&keys.uri());
    let settings = match accepted {
        Some(accepted) => settings.merge(("cognito.accept_delegated", accepted)),
        None => settings,
    };
    (keys, Server::start(settings, build).await)
}

async fn check(app: &Server, token: &str, expected: &[(&str, (u16, &str))]) {
    for (path, (status, says)) in expected {
        let got = outcome(&ask_as(&app.url(path), token).await);
        assert_eq!(got, (*status, (*says).to_owned()), "{path}");
    }
}

const REFUSED: (u16, &str) = (403, "delegated");
const LET_IN: (u16, &str) = (200, "dora");

#[rocket::async_test]
async fn guards_for_people_refuse_an_agent_unless_they_say_that_they_take_one() {
    let key = Key::new("key");
    let (_keys, app) = start(&key, None).await;
    let agent = key.token(&delegated(json!({ "sub": "agent" })));
    check(
        &app,
        &agent,
        &[
            ("/user", REFUSED),
            ("/borrowed", REFUSED),
            ("/in-groups", REFUSED),
            ("/in-any-group", REFUSED),
            ("/admin", REFUSED),
            ("/bearer", REFUSED),
            ("/account", REFUSED),
            ("/caller", REFUSED),
            ("/fresh", REFUSED),
            ("/machine", (403, "machine_required")),
            ("/option", (200, "nobody")),
            ("/result", (200, "delegated")),
            ("/forward", (200, "forwarded: dora")),
            ("/either", LET_IN),
            ("/either-admin", LET_IN),
            ("/either-not-admin", (403, "rule_not_met")),
            ("/either-bearer", LET_IN),
            ("/either-account", LET_IN),
            ("/either-session", (401, "session_required")),
            ("/of", (418, "None None Some(\"dora\")")),
        ],
    )
    .await;
    // The person in person.
    let person = key.token(&admin_claims());
    for path in ["/user", "/admin", "/caller", "/fresh", "/either", "/either-admin", "/either-fresh"] {
        check(&app, &person, &[(path, LET_IN)]).await;
    }
    check(&app, &person, &[("/of", (418, "Some(\"dora\") Some(\"dora\") Some(\"dora\")"))]).await;
}

#[rocket::async_test]
async fn with_the_setting_guards_for_people_take_agents_and_know_them() {
    let key = Key::new("key");
    let (_keys, app) = start(&key, Some(true)).await;
    let agent = key.token(&delegated(json!({ "sub": "agent" })));
    for path in ["/user", "/in-groups", "/admin", "/bearer", "/account", "/caller", "/either", "/forward"] {
        check(&app, &agent, &[(path, LET_IN)]).await;
    }
    check(&app, &agent, &[("/by-default", (200, "Some(Some(\"agent\"))"))]).await;
    check(&app, &agent, &[("/of", (418, "Some(\"dora\") Some(\"dora\") Some(\"dora\")"))]).await;
    check(&app, &agent, &[("/machine", (403, "machine_required"))]).await;
    let (_keys, app) = start(&key, Some(false)).await;
    check(&app, &agent, &[("/user", REFUSED)]).await;
}

#[rocket::async_test]
async fn an_agent_is_never_a_fresh_sign_in() {
    let key = Key::new("key");
    for accepted in [None, Some(true)] {
        let (_keys, app) = start(&key, accepted).await;
        let agent = key.token(&delegated(json!({ "sub": "agent" })));
        // No new sign-in would help, so nobody is asked for one.
        let unmet = (403, "rule_not_met");
        check(&app, &agent, &[("/either-fresh", unmet), ("/either-not-fresh", unmet)]).await;
        check(&app, &agent, &[("/fresh", if accepted.is_some() { unmet } else { REFUSED })]).await;
    }
}

#[rocket::async_test]
async fn whatever_act_is_its_presence_makes_an_agent() {
    let key = Key::new("key");
    let (_keys, app) = start(&key, None).await;
    let unknown = "dora by Some(\"None None None\")";
    let nested = json!({ "sub": "b", "client_id": "bots", "act": { "sub": "a" } });
    let long = "x".repeat(256);
    for (act, says) in [
        (json!({ "sub": "agent" }), "dora by Some(\"Some(\\\"agent\\\") None None\")"),
        (nested, "dora by Some(\"Some(\\\"b\\\") Some(\\\"bots\\\") Some(Some(\\\"a\\\"))\")"),
        (json!({ "sub": "a", "act": null }), "dora by Some(\"Some(\\\"a\\\") None Some(None)\")"),
        (Value::Null, unknown),
        (json!({}), unknown),
        (json!(false), unknown),
        (json!(""), unknown),
        (json!("agent"), unknown),
        (json!(["agent"]), unknown),
        (json!({ "sub": 7 }), unknown),
        (json!({ "sub": "two\nlines" }), unknown),
        (json!({ "sub": long }), unknown),
    ] {
        let agent = key.token(&delegated(act));
        check(&app, &agent, &[("/user", REFUSED), ("/who", (200, says))]).await;
    }
    let person = key.token(&admin_claims());
    check(&app, &person, &[("/who", (200, "dora by None"))]).await;
}

#[rocket::async_test]
async fn an_agent_for_a_machine_is_neither_person_nor_machine() {
    let key = Key::new("key");
    for accepted in [None, Some(true)] {
        let (_keys, app) = start(&key, accepted).await;
        let machine = with(without(access_claims(), "username"), "sub", json!(CLIENT_ID));
        let agent = key.token(&with(machine, "act", json!({ "sub": "agent" })));
        check(
            &app,
            &agent,
            &[
                ("/user", (403, "person_required")),
                ("/either", (403, "person_required")),
                ("/machine", REFUSED),
                ("/caller", REFUSED),
            ],
        )
        .await;
    }
}

/// In an exchanged token `client_id` is the service's, and not the machine's.
#[rocket::async_test]
async fn a_token_that_a_service_has_got_for_a_machine_is_nobodys_but_the_services() {
    let key = Key::new("key");
    let keys = JwksFile::new(&[&key]);
    let machine = without(with(admin_claims(), "sub", json!("worker")), "username");
    let machine = with(machine, "client_id", json!("service"));
    for accepted in [false, true] {
        let settings = settings(&keys.uri())
            .merge(("cognito.accepted_client_ids", ["service"]))
            .merge(("cognito.accept_delegated", accepted));
        let app = Server::start(settings, build).await;
        for claims in [machine.clone(), with(machine.clone(), "act", json!({ "sub": "agent" }))] {
            let no_person = (403, "person_required");
            check(
                &app,
                &key.token(&claims),
                &[
                    ("/user", no_person),
                    ("/borrowed", no_person),
                    ("/admin", no_person),
                    ("/bearer", no_person),
                    ("/either", no_person),
                    ("/either-admin", no_person),
                    ("/machine", REFUSED),
                    ("/caller", REFUSED),
                    ("/of-refused", (418, "None None None")),
                ],
            )
            .await;
        }
    }
}

/// A policy of the app may go by any of these.
#[rocket::async_test]
async fn what_a_token_says_of_the_persons_sign_in_is_not_the_agents() {
    let key = Key::new("key");
    let (_keys, app) = start(&key, Some(true)).await;
    let person = with(with(admin_claims(), "acr", json!("urn:cognito:loa:4")), "amr", json!(["pwd"]));
    let says = "Some(\"urn:cognito:loa:4\") Some(4) [\"pwd\"] true";
    check(&app, &key.token(&person), &[("/sign-in", (200, says))]).await;
    let agent = with(person, "act", json!({ "sub": "agent" }));
    check(&app, &key.token(&agent), &[("/sign-in", (200, "None None [] false"))]).await;
}

/// Exchanged without an actor's token: `client_id` is the service's, and nothing else shows it.
#[rocket::async_test]
async fn a_token_of_impersonation_is_the_persons_and_of_a_listed_client_only() {
    let key = Key::new("key");
    let keys = JwksFile::new(&[&key]);
    let token = key.token(&with(without(admin_claims(), "auth_time"), "client_id", json!("service")));
    let app = Server::start(settings(&keys.uri()), build).await;
    check(&app, &token, &[("/user", (401, "invalid_token"))]).await;
    let listed = settings(&keys.uri()).merge(("cognito.accepted_client_ids", ["service"]));
    let app = Server::start(listed, build).await;
    check(&app, &token, &[("/user", LET_IN), ("/who", (200, "dora by None"))]).await;
    check(&app, &token, &[("/machine", (403, "machine_required")), ("/fresh", (403, "rule_not_met"))]).await;
}

#[rocket::async_test]
async fn no_token_with_act_becomes_a_browsers_session() {
    let pool = Pool::start(endpoints()).await;
    let act = json!({ "sub": "agent" });
    let build = |rocket: rocket::Rocket<rocket::Build>| build(rocket);
    let app = pool.serve(build).await;
    for (of_access, of_id) in [(true, false), (false, true), (true, true)] {
        let visit = Visit::leading_to(&app.url(""), "/user").await;
        let add = |claims: Value, is: bool| if is { with(claims, "act", act.clone()) } else { claims };
        let access = pool.key.token(&add(access_claims(), of_access));
        let id = pool.key.token(&add(with(id_claims(), "nonce", json!(visit.nonce)), of_id));
        let page = visit.deliver(&pool, Reply::json(200, &answer(&access, &id))).await;
        assert_eq!(outcome(&page), (400, "tokens_refused".to_owned()));
        // Nor does a cookie with it count, whoever has put it there.
        visit.agent.set_cookie("cognito_access_token", &access);
        let page = visit.agent.get(&app.url("/either")).await;
        let expected = if of_access { (401, "session_expired") } else { (200, "dora") };
        assert_eq!(outcome(&page), (expected.0, expected.1.to_owned()));
    }
    // Nor one that comes with a refresh.
    let visit = Visit::leading_to(&app.url(""), "/user").await;
    let page = visit.deliver(&pool, Reply::json(200, &pool.tokens(&visit))).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert_eq!(outcome(&visit.agent.get(&app.url("/user")).await), (200, "dora".to_owned()));
    visit.agent.drop_cookie("cognito_access_token");
    let access = pool.key.token(&with(access_claims(), "act", act));
    pool.will_answer(Reply::json(200, &answer(&access, &pool.key.token(&id_claims()))));
    let page = visit.agent.get(&app.url("/user")).await;
    assert_eq!(page.status, 401, "{}", page.body);
}
