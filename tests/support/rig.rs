//! An app whose pool is a token endpoint of our own, which answers what it is told to.

use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use figment::Figment;
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome, Request};
use rocket::response::{self, Responder, Response};
use rocket::{Build, Rocket, Route, State, post, routes};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::agent::{Agent, Page};
use super::app::{SECRET, build, parameters};
use super::forge::{JwksFile, Key, access_claims, id_claims, with};
use super::server::Server;
use super::{figment, settings};

pub const REFRESH: &str = "a-refresh-token";

/// What the endpoint answers next.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub location: Option<String>,
    pub body: Vec<u8>,
    pub pause: Duration,
}

impl Reply {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Reply { status, content_type, location: None, body: body.into(), pause: Duration::ZERO }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Reply::new(status, "application/json", body.to_string())
    }
}

impl<'r> Responder<'r, 'static> for Reply {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response.status(Status::new(self.status));
        response.header(ContentType::parse_flexible(self.content_type).unwrap());
        if let Some(location) = self.location {
            response.header(Header::new("Location", location));
        }
        response.sized_body(self.body.len(), Cursor::new(self.body)).ok()
    }
}

struct Authorization(Option<String>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Authorization {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Success(Authorization(request.headers().get_one("Authorization").map(str::to_owned)))
    }
}

/// Form and `Authorization` header of a call.
pub type Call = (Vec<(String, String)>, Option<String>);

#[derive(Default)]
pub struct Endpoint {
    pub reply: Mutex<Option<Reply>>,
    pub exchanges: Mutex<Vec<Call>>,
    pub revocations: Mutex<Vec<Call>>,
}

fn call(form: &str, header: Authorization) -> Call {
    (parameters(&format!("http://form/?{form}")), header.0)
}

#[post("/oauth2/token", data = "<form>")]
async fn token(endpoint: &State<Arc<Endpoint>>, form: String, header: Authorization) -> Reply {
    endpoint.exchanges.lock().unwrap().push(call(&form, header));
    let reply = endpoint.reply.lock().unwrap().clone().unwrap();
    sleep(reply.pause).await;
    reply
}

#[post("/oauth2/revoke", data = "<form>")]
fn revoke(endpoint: &State<Arc<Endpoint>>, form: String, header: Authorization) {
    endpoint.revocations.lock().unwrap().push(call(&form, header));
}

pub fn endpoints() -> Vec<Route> {
    routes![token, revoke]
}

/// An app whose pool is the endpoint above, with keys of our own.
pub struct Rig {
    pub key: Key,
    pub endpoint: Arc<Endpoint>,
    _keys: JwksFile,
    _pool: Server,
    pub app: Server,
}

/// A sign-in under way.
pub struct Attempt {
    pub agent: Agent,
    pub state: String,
    pub nonce: String,
}

impl Rig {
    pub async fn start() -> Self {
        Rig::start_with(|settings| settings.merge(("cognito.client_secret", SECRET))).await
    }

    pub async fn start_with(change: impl FnOnce(Figment) -> Figment) -> Self {
        Rig::start_as(change, build).await
    }

    /// Starts the pool, and an app that `build` makes.
    pub async fn start_as(
        change: impl FnOnce(Figment) -> Figment,
        build: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
    ) -> Self {
        let key = Key::new("the-pools-key");
        let keys = JwksFile::new(&[&key]);
        let endpoint = Arc::new(Endpoint::default());
        let state = endpoint.clone();
        let pool = Server::start(figment(), |rocket| rocket.manage(state).mount("/", endpoints())).await;
        let settings =
            settings(&keys.uri()).merge(("cognito.domain", format!("http://127.0.0.1:{}", pool.port)));
        let settings = settings.merge(("cognito.refresh_flow_enabled", true));
        let app = Server::start(change(settings), build).await;
        Rig { key, endpoint, _keys: keys, _pool: pool, app }
    }

    pub async fn begin(&self) -> Attempt {
        let agent = Agent::new();
        let login = agent.get(&self.app.url("/auth/login?next=/me")).await;
        let (state, nonce) = (login.location_parameter("state"), login.location_parameter("nonce"));
        Attempt { agent, state, nonce }
    }

    pub fn callback(&self, attempt: &Attempt) -> String {
        self.app.url(&format!("/auth/callback?code=a-code&state={}", attempt.state))
    }

    pub fn will_answer(&self, reply: Reply) {
        *self.endpoint.reply.lock().unwrap() = Some(reply);
    }

    pub async fn deliver(&self, attempt: &Attempt, reply: Reply) -> Page {
        self.will_answer(reply);
        attempt.agent.get(&self.callback(attempt)).await
    }

    pub fn exchanges(&self) -> usize {
        self.endpoint.exchanges.lock().unwrap().len()
    }

    /// The tokens revoked since the last time.
    pub fn revoked(&self) -> Vec<String> {
        let calls = std::mem::take(&mut *self.endpoint.revocations.lock().unwrap());
        calls.into_iter().flat_map(|(form, _)| form).map(|(_, value)| value).collect()
    }

    /// The same, as soon as there is one: the visitor is not kept waiting for it.
    pub async fn revokes(&self) -> Vec<String> {
        while self.endpoint.revocations.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        self.revoked()
    }

    /// A good answer for this attempt.
    pub fn tokens(&self, attempt: &Attempt) -> Value {
        self.answer(&access_claims(), &with(id_claims(), "nonce", attempt.nonce.clone().into()))
    }

    pub fn answer(&self, access: &Value, id: &Value) -> Value {
        answer(&self.key.token(access), &self.key.token(id))
    }
}

pub fn answer(access: &str, id: &str) -> Value {
    json!({
        "access_token": access, "id_token": id, "refresh_token": REFRESH, "token_type": "Bearer",
        "expires_in": 3600,
    })
}

pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
