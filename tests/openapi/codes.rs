//! What guards answer is what they say they may answer.

use std::collections::{BTreeMap, BTreeSet};

use figment::Figment;
use reqwest::Method;
use rocket::{Build, Rocket};
use rocket_cognito::{Cognito, openapi};
use serde_json::{Value, json};

use crate::cases::{Case, LOAD, of_sessions, of_tokens};
use crate::support::agent::{Agent, Page, answer};
use crate::support::forge::{CLIENT_ID, JwksFile, Key, POOL_ID, access_claims, now, with, without};
use crate::support::pool::{Pool, Visit};
use crate::support::rig::{Reply, endpoints};
use crate::support::server::Server;
use crate::support::store::OutOfReach;
use crate::support::{figment, settings};

/// Guards that contradict each other: no request gets through. They say what each of the two may answer, though only one
/// of them is ever asked.
const CONTRADICTORY: [&str; 3] =
    ["/BearerOnly-Refresh-", "/BearerOnly-SessionOnly-", "/SessionOnly-BearerOnly-"];

/// What a guard has answered.
#[derive(Default)]
struct Answered {
    codes: BTreeSet<(u16, String)>,
    /// Those that a document describes, with their statuses.
    headers: BTreeSet<(u16, String)>,
}

/// By the paths of the guards.
type Answers = BTreeMap<String, Answered>;

fn mount(rocket: Rocket<Build>, fairing: Cognito, cases: Vec<Case>) -> Rocket<Build> {
    let rocket = rocket.attach(fairing).register("/", rocket_cognito::catchers());
    cases.into_iter().fold(rocket, |rocket, case| rocket.mount("/", case.routes))
}

fn all() -> Vec<Case> {
    of_tokens().into_iter().chain(of_sessions()).collect()
}

/// An app, and what its guards have answered so far.
struct Asking<'a> {
    app: &'a Server,
    cases: Vec<Case>,
    answers: &'a mut Answers,
}

impl<'a> Asking<'a> {
    fn new(app: &'a Server, cases: Vec<Case>, answers: &'a mut Answers) -> Self {
        Asking { app, cases, answers }
    }

    /// Every guard is asked, for safe and for unsafe requests, of this site and of unknown origin.
    async fn ask(&mut self, agent: impl Fn() -> Agent, headers: &[(&str, &str)]) {
        let ours = ("sec-fetch-site", "same-origin");
        for case in &self.cases {
            let url = self.app.url(&case.path);
            for (method, proof) in [(Method::GET, None), (Method::POST, Some(ours)), (Method::POST, None)] {
                let mut headers = headers.to_vec();
                headers.extend(proof);
                headers.push(("accept", "application/json"));
                let page = agent().send(method, &url, &headers, None).await;
                if page.status.is_success() {
                    continue;
                }
                assert_as_described(&page, case);
                let answered = self.answers.entry(case.path.clone()).or_default();
                answered.codes.insert(answer(&page));
                let status = page.status.as_u16();
                let names = ["www-authenticate", "retry-after"].into_iter();
                let names = names.filter(|name| !page.header(name).is_empty());
                answered.headers.extend(names.map(|name| (status, name.to_owned())));
            }
        }
    }

    async fn ask_with_bearer(&mut self, key: &Key, claims: Value) {
        let header = format!("Bearer {}", key.token(&claims));
        self.ask(Agent::new, &[("authorization", &header)]).await;
    }
}

/// The answer is as the document says, member by member.
#[track_caller]
fn assert_as_described(page: &Page, case: &Case) {
    let body: Value = serde_json::from_str(&page.body).unwrap();
    let schema = openapi::schema();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let required =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    assert_eq!(names(&body), required.collect());
    assert_eq!(names(&body), names(&schema["properties"]));
    for (name, value) in body.as_object().unwrap() {
        assert!(schema["properties"][name]["type"] == "string" && value.is_string(), "{name}");
    }
    let response = &case.responses[page.status.as_str()];
    let content = &response["content"][page.header("content-type")]["schema"]["allOf"];
    assert_eq!(content[0]["$ref"], "#/components/schemas/Denial", "{}: {}", case.path, page.body);
    let codes = content[1]["properties"]["error"]["enum"].as_array().unwrap();
    assert!(codes.contains(&body["error"]), "{}: {}", case.path, page.body);
}

fn machine() -> Value {
    with(without(access_claims(), "username"), "sub", json!(CLIENT_ID))
}

/// A browser with the cookies of another.
fn like(agent: &Agent) -> Agent {
    let copy = Agent::new();
    for (name, value) in agent.cookies() {
        copy.set_cookie(&name, &value);
    }
    copy
}

fn with_cookie(name: &str, value: &str) -> Agent {
    let agent = Agent::new();
    agent.set_cookie(name, value);
    agent
}

/// An app in which people sign in, and whose pool then stops answering.
async fn at_an_app_with_sign_in(answers: &mut Answers) {
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(|rocket| mount(rocket, Cognito::fairing(), all()).mount("/", [me()])).await;
    let visit = Visit::begin(&app.url("")).await;
    visit.sign_in(&pool).await;
    let foreign = Key::new("foreign").token(&access_claims());
    let mut asking = Asking::new(&app, all(), answers);
    asking.ask(Agent::new, &[]).await;
    asking.ask(|| with_cookie("cognito_access_token", &foreign), &[]).await;
    asking.ask(Agent::new, &[("cookie", "cognito_access_token=a; cognito_access_token=b")]).await;
    let invalid = format!("Bearer {foreign}");
    for header in [&invalid, "Bearer", "Bearer a b", "Bearer a,b", "Basic YTpi"] {
        asking.ask(Agent::new, &[("authorization", header)]).await;
    }
    asking.ask(Agent::new, &[("authorization", "Bearer a"), ("authorization", "Bearer b")]).await;
    asking.ask_with_bearer(&pool.key, access_claims()).await;
    asking.ask_with_bearer(&pool.key, machine()).await;
    asking.ask_with_bearer(&pool.key, with(access_claims(), "act", json!({ "sub": "agent" }))).await;
    asking.ask_with_bearer(&pool.key, with(machine(), "act", json!({ "sub": "agent" }))).await;
    asking.ask_with_bearer(&pool.key, with(access_claims(), "auth_time", json!(now() - 1_000))).await;
    asking.ask_with_bearer(&pool.key, without(access_claims(), "auth_time")).await;
    let strong = with(access_claims(), "acr", json!("urn:cognito:loa:4"));
    asking.ask_with_bearer(&pool.key, with(strong.clone(), "auth_time", json!(now() - 1_000))).await;
    asking.ask_with_bearer(&pool.key, without(strong, "auth_time")).await;
    asking.ask(|| like(&visit.agent), &[]).await;
    // Only whom a guard lets in is loaded.
    let admin = with(access_claims(), "cognito:groups", json!(["admin"]));
    let admin = format!("Bearer {}", pool.key.token(&admin));
    asking.ask(Agent::new, &[("authorization", &admin), (LOAD, "fails")]).await;
    asking.ask(|| like(&visit.agent), &[(LOAD, "fails")]).await;
    // A session that cannot be refreshed.
    let visit = Visit::begin(&app.url("")).await;
    visit.sign_in(&pool).await;
    visit.agent.drop_cookie("cognito_access_token");
    pool.will_answer(Reply::json(500, &Value::Null));
    asking.ask(|| like(&visit.agent), &[]).await;
    // One that the pool has ended.
    let visit = Visit::begin(&app.url("")).await;
    visit.sign_in(&pool).await;
    visit.agent.drop_cookie("cognito_access_token");
    pool.will_answer(Reply::json(400, &json!({ "error": "invalid_grant" })));
    asking.ask(|| like(&visit.agent), &[]).await;
}

/// Where a sign-in leads.
fn me() -> rocket::Route {
    #[rocket::get("/me")]
    fn me(_user: rocket_cognito::CognitoUser) {}
    rocket::routes![me].remove(0)
}

/// The pool's keys are out of reach.
async fn at_an_app_without_keys(answers: &mut Answers) {
    let settings = settings("http://127.0.0.1:9/jwks.json").merge(("cognito.refresh_flow_enabled", true));
    let app = Server::start(settings, |rocket| mount(rocket, Cognito::fairing(), all())).await;
    let token = Key::new("k").token(&access_claims());
    let mut asking = Asking::new(&app, all(), answers);
    asking.ask(Agent::new, &[("authorization", &format!("Bearer {token}"))]).await;
    asking.ask(|| with_cookie("cognito_access_token", &token), &[]).await;
}

/// An API in which nobody signs in.
async fn at_an_app_without_sign_in(answers: &mut Answers) {
    let (key, jwks) = key();
    let settings = bare(&jwks);
    let app = Server::start(settings, |rocket| mount(rocket, Cognito::fairing(), of_tokens())).await;
    let mut asking = Asking::new(&app, of_tokens(), answers);
    asking.ask(Agent::new, &[]).await;
    asking.ask(Agent::new, &[("authorization", "Basic YTpi")]).await;
    asking.ask_with_bearer(&key, access_claims()).await;
}

/// A proxy adds tokens to whatever a browser sends.
async fn at_an_app_behind_a_proxy(answers: &mut Answers) {
    let (key, jwks) = key();
    let settings = bare(&jwks).merge(("cognito.jwt_header_from_proxy", true));
    let app = Server::start(settings, |rocket| mount(rocket, Cognito::fairing(), of_tokens())).await;
    Asking::new(&app, of_tokens(), answers).ask_with_bearer(&key, access_claims()).await;
}

/// Sessions, and the list of tokens that were signed out, lie in a store that is out of reach.
async fn at_an_app_without_its_store(answers: &mut Answers) {
    let (key, jwks) = key();
    let settings = settings(&jwks.uri())
        .merge(("cognito.refresh_flow_enabled", true))
        .merge(("cognito.bearer_denylist", true));
    let fairing = Cognito::fairing().session_store(OutOfReach);
    let app = Server::start(settings, |rocket| mount(rocket, fairing, all())).await;
    let id = format!("1.{}.{}", "A".repeat(22), "A".repeat(43));
    let mut asking = Asking::new(&app, all(), answers);
    asking.ask(|| with_cookie("cognito_sid", &id), &[]).await;
    asking.ask_with_bearer(&key, with(access_claims(), "origin_jti", json!("a-sign-in"))).await;
}

fn key() -> (Key, JwksFile) {
    let key = Key::new("k");
    let jwks = JwksFile::new(&[&key]);
    (key, jwks)
}

fn bare(jwks: &JwksFile) -> Figment {
    figment()
        .merge(("cognito.user_pool_id", POOL_ID))
        .merge(("cognito.client_id", CLIENT_ID))
        .merge(("cognito.routes", "none"))
        .merge(("cognito.jwks_uri", jwks.uri()))
}

#[rocket::async_test]
async fn guards_answer_with_the_codes_that_they_say_and_with_each_of_them() {
    let mut answers = Answers::new();
    at_an_app_with_sign_in(&mut answers).await;
    at_an_app_without_keys(&mut answers).await;
    at_an_app_without_sign_in(&mut answers).await;
    at_an_app_behind_a_proxy(&mut answers).await;
    at_an_app_without_its_store(&mut answers).await;
    for case in all() {
        let answered = answers.remove(&case.path).unwrap_or_default();
        let (codes, headers) = (case.codes(), case.headers());
        if CONTRADICTORY.contains(&case.path.as_str()) {
            assert!(answered.codes.is_subset(&codes), "{}: {:?}", case.path, answered.codes);
            assert!(answered.headers.is_subset(&headers), "{}: {:?}", case.path, answered.headers);
        } else {
            assert_eq!(answered.codes, codes, "{}", case.path);
            assert_eq!(answered.headers, headers, "{}", case.path);
        }
    }
}

/// No client of a deployed API can meet it.
#[rocket::async_test]
async fn what_only_disabled_mode_answers_is_not_said() {
    let settings = figment().merge(("cognito.disabled", true));
    let app = Server::start(settings, |rocket| mount(rocket, Cognito::fairing(), all())).await;
    for case in all().iter().filter(|case| case.path != "/option") {
        let headers = [("host", "evil.example"), ("accept", "application/json")];
        let page = Agent::new().send(Method::GET, &app.url(&case.path), &headers, None).await;
        assert_eq!(answer(&page), (421, "host_refused".to_owned()), "{}", case.path);
        assert!(case.codes().iter().all(|(status, _)| *status != 421));
    }
}
