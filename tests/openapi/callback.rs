//! What the guard `Callback` answers is what it says it may answer.

use std::collections::BTreeSet;

use rocket::{Build, Rocket, get, routes};
use rocket_cognito::openapi::Describe;
use rocket_cognito::{Callback, Cognito, CognitoUser};
use serde_json::{Value, json};

use crate::support::agent::{Agent, Page, answer};
use crate::support::forge::{Key, access_claims, id_claims, now, with};
use crate::support::pool::{Pool, SECRET_KEY, Visit};
use crate::support::rig::{self, Reply, endpoints};
use crate::support::sealing::Seal;
use crate::support::server::Server;
use crate::support::store::OutOfReach;

#[get("/auth/callback")]
fn callback(callback: Callback) -> Callback {
    callback
}

#[get("/me")]
fn me(_user: CognitoUser) {}

/// An app with a callback of its own.
fn build(rocket: Rocket<Build>, fairing: Cognito) -> Rocket<Build> {
    let figment = rocket.figment().clone().merge(("cognito.routes", "login"));
    let rocket = rocket.configure(figment).attach(fairing).register("/", rocket_cognito::catchers());
    rocket.mount("/", routes![callback, me])
}

/// What the callbacks of one app have answered.
struct Asking {
    pool: Pool,
    app: Server,
    answers: BTreeSet<(u16, String)>,
}

impl Asking {
    async fn begin(&self) -> Visit {
        Visit::begin(&self.app.url("")).await
    }

    fn note(&mut self, page: &Page) {
        self.answers.insert(answer(page));
    }

    async fn get(&mut self, agent: &Agent, query: &str) {
        let page = agent.get(&self.app.url(&format!("/auth/callback?{query}"))).await;
        self.note(&page);
    }

    /// A sign-in that the pool completes so.
    async fn complete(&mut self, visit: &Visit, reply: Reply) {
        let page = visit.deliver(&self.pool, reply).await;
        self.note(&page);
    }

    async fn without_a_sign_in(&mut self) {
        self.get(&Agent::new(), "").await;
        self.get(&Agent::new(), "state=an-unknown-state&code=a-code").await;
        for is_old in [true, false] {
            let visit = self.begin().await;
            let (name, sealed) = visit.agent.cookies().pop_first().unwrap();
            let seal = Seal::new(SECRET_KEY, "login");
            let old = seal.seal(&seal.open(&sealed), now() - 3_600);
            visit.agent.set_cookie(&name, if is_old { &old } else { "not-sealed-at-all" });
            let page = visit.agent.get(&visit.callback()).await;
            self.note(&page);
        }
    }

    async fn with_an_error_of_the_pool(&mut self) {
        for error in ["an-unknown-error", "access_denied", "invalid_scope", "server_error", "login_required"]
        {
            let visit = self.begin().await;
            self.get(&visit.agent, &format!("state={}&error={error}", visit.state)).await;
        }
        let visit = Visit::leading_to(&self.app.url(""), "/me&prompt=none").await;
        self.get(&visit.agent, &format!("state={}&error=login_required", visit.state)).await;
    }

    async fn with_a_code(&mut self) {
        let others = self.pool.tokens(&self.begin().await);
        for reply in [
            Reply::json(400, &json!({ "error": "invalid_grant" })),
            Reply::json(500, &Value::Null),
            Reply::json(200, &others),
        ] {
            let visit = self.begin().await;
            self.complete(&visit, reply).await;
        }
        let visit = self.begin().await;
        let sealed = visit.agent.cookies();
        visit.sign_in(&self.pool).await;
        let copy = Agent::new();
        sealed.iter().for_each(|(name, value)| copy.set_cookie(name, value));
        self.get(&copy, &format!("state={}&code=another-code", visit.state)).await;
    }

    /// The pool was to ask again. It has not, or has done so too long ago by this machine's clock.
    async fn with_an_old_sign_in(&mut self) {
        for issued_at in [now(), now() - 1_000] {
            let visit = Visit::leading_to(&self.app.url(""), "/me&prompt=login&max_age=60").await;
            let old = |claims| with(with(claims, "auth_time", json!(now() - 1_000)), "iat", json!(issued_at));
            let id = self.pool.key.token(&with(old(id_claims()), "nonce", json!(visit.nonce)));
            let tokens = rig::answer(&self.pool.key.token(&old(access_claims())), &id);
            self.complete(&visit, Reply::json(200, &tokens)).await;
        }
    }

    /// The pool was asked for a second factor, and says nothing of one.
    async fn with_a_weak_sign_in(&mut self) {
        let visit = Visit::leading_to(&self.app.url(""), "/me&level=3").await;
        let tokens = self.pool.tokens(&visit);
        self.complete(&visit, Reply::json(200, &tokens)).await;
    }

    /// A second visit by a browser whose session cannot be judged.
    async fn with_a_session(&mut self) {
        let visit = self.begin().await;
        visit.sign_in(&self.pool).await;
        visit.agent.drop_cookie("cognito_access_token");
        self.pool.will_answer(Reply::json(500, &Value::Null));
        self.get(&visit.agent, "state=an-unknown-state&code=a-code").await;
    }
}

async fn at_an_app_without_keys(answers: &mut BTreeSet<(u16, String)>) {
    let settings = crate::support::settings("http://127.0.0.1:9/jwks.json");
    let app = Server::start(settings, |rocket| build(rocket, Cognito::fairing())).await;
    let agent = Agent::new();
    agent.set_cookie("cognito_access_token", &Key::new("k").token(&access_claims()));
    let page = agent.get(&app.url("/auth/callback?state=an-unknown-state&code=a-code")).await;
    answers.insert(answer(&page));
}

async fn at_an_app_without_its_store(answers: &mut BTreeSet<(u16, String)>) {
    let settings = crate::support::settings("http://127.0.0.1:9/jwks.json");
    let app =
        Server::start(settings, |rocket| build(rocket, Cognito::fairing().session_store(OutOfReach))).await;
    let agent = Agent::new();
    agent.set_cookie("cognito_sid", &format!("1.{}.{}", "A".repeat(22), "A".repeat(43)));
    let page = agent.get(&app.url("/auth/callback?state=an-unknown-state&code=a-code")).await;
    answers.insert(answer(&page));
}

#[rocket::async_test]
async fn a_callback_answers_with_the_codes_that_it_says_and_with_each_of_them() {
    let pool = Pool::start(endpoints()).await;
    let app = pool.serve(|rocket| build(rocket, Cognito::fairing())).await;
    let mut asking = Asking { pool, app, answers: BTreeSet::new() };
    asking.without_a_sign_in().await;
    asking.with_an_error_of_the_pool().await;
    asking.with_a_code().await;
    asking.with_an_old_sign_in().await;
    asking.with_a_weak_sign_in().await;
    asking.with_a_session().await;
    at_an_app_without_keys(&mut asking.answers).await;
    at_an_app_without_its_store(&mut asking.answers).await;
    let said = Callback::asks().iter().flat_map(|asks| asks.codes()).collect::<Vec<_>>();
    let said: BTreeSet<_> = said.into_iter().map(|(status, code)| (status.code, code.to_owned())).collect();
    assert_eq!(asking.answers, said);
}
