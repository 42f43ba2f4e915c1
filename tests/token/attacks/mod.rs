//! What forgers may try, and how little they get. Letters with numbers are rows of
//! `docs/requirements.md`.

mod bearer;
mod callback;
mod claims;
mod clients;
mod encoding;
mod headers;
mod keys;
mod scopes;
mod times;
mod users;

use std::sync::LazyLock;
use std::time::Duration;

use figment::Figment;
use rocket::http::Header;
use rocket::local::asynchronous::{Client, LocalRequest};
use rocket::serde::json::Json;
use rocket::{get, post, routes};
use rocket_cognito::policy::Not;
use rocket_cognito::{Authorized, Cognito, CognitoUser, InGroups};
use serde_json::{Value, json};

use crate::support::forge::{JwksFile, Key, access_claims, with};
use crate::support::groups::Editor;
use crate::support::settings;
use crate::support::stub::{Answer as Served, Stub};

/// The pool's key. Nobody else signs with it, except where a test grants the forger that much.
static POOL: LazyLock<Key> = LazyLock::new(|| Key::new("pool"));
/// A key that no pool vouches for.
static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::new("stranger"));

/// A name for the failure message, and a token.
type Attack = (String, String);

#[get("/me")]
fn me(user: CognitoUser) -> Json<CognitoUser> {
    Json(user)
}

#[post("/me", data = "<_body>")]
fn post_me(user: CognitoUser, _body: String) -> Json<CognitoUser> {
    Json(user)
}

#[get("/claims")]
fn claims_of(user: CognitoUser) -> Option<Json<Value>> {
    user.access_claims().or_else(|| user.id_claims())?.ok().map(Json)
}

#[get("/audience")]
fn audience_of(user: CognitoUser) -> Json<Option<String>> {
    Json(user.audience().map(str::to_owned))
}

#[get("/editor")]
fn editor(user: InGroups<Editor>) -> Json<CognitoUser> {
    Json(user.into_user())
}

#[get("/not-editor")]
fn not_editor(user: Authorized<Not<Editor>>) -> Json<CognitoUser> {
    Json(user.into_user())
}

/// An app with guarded routes.
struct App {
    client: Client,
    _keys: Option<JwksFile>,
}

/// What a client sees of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    challenges: Vec<String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    #[track_caller]
    fn assert_denied(&self, status: u16, code: &str, challenge: &str) {
        assert_eq!((self.status, self.challenges.as_slice()), (status, [challenge.to_owned()].as_slice()));
        assert_eq!(self.json()["error"], code);
    }
}

impl App {
    /// The pool's key vouches for its tokens.
    async fn new() -> Self {
        App::with(|figment| figment).await
    }

    async fn with(change: impl FnOnce(Figment) -> Figment) -> Self {
        App::with_jwks(json!({ "keys": [POOL.jwk()] }), change).await
    }

    /// Its pool publishes `jwks`.
    async fn with_jwks(jwks: Value, change: impl FnOnce(Figment) -> Figment) -> Self {
        let keys = JwksFile::new(&[]);
        keys.write(&jwks.to_string());
        App { client: client(change(settings(&keys.uri()))).await, _keys: Some(keys) }
    }

    async fn send(&self, request: LocalRequest<'_>) -> Answer {
        let response = request.dispatch().await;
        let status = response.status().code;
        let challenges = response.headers().get("WWW-Authenticate").map(str::to_owned).collect();
        Answer { status, challenges, body: response.into_string().await.unwrap_or_default() }
    }

    async fn authorization(&self, path: &str, value: &str) -> Answer {
        let header = Header::new("Authorization", value.to_owned());
        self.send(self.client.get(path.to_owned()).header(header)).await
    }

    async fn bearer(&self, token: &str) -> Answer {
        self.authorization("/me", &format!("Bearer {token}")).await
    }

    /// With the session cookie of a signed-in browser.
    async fn cookie(&self, token: &str) -> Answer {
        self.send(self.client.get("/me").header(cookie("cognito_access_token", token))).await
    }

    /// Holds that each of `attacks` gets the same 401, byte for byte.
    async fn refuses(&self, attacks: Vec<Attack>) {
        let expected = self.bearer("x.y.z").await;
        expected.assert_denied(401, "invalid_token", "Bearer error=\"invalid_token\"");
        let mut successes = Vec::new();
        for (name, token) in &attacks {
            let answer = self.bearer(token).await;
            if answer != expected {
                successes.push(format!("{name}: {} {}", answer.status, answer.body));
            }
        }
        assert!(successes.is_empty(), "of {} attacks:\n{}", attacks.len(), successes.join("\n"));
    }

    async fn accepts(&self, name: &str, token: &str) {
        let answer = self.bearer(token).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    }
}

fn cookie(name: &str, value: &str) -> Header<'static> {
    Header::new("Cookie", format!("{name}={value}"))
}

async fn client(figment: Figment) -> Client {
    let rocket = rocket::custom(figment)
        .attach(Cognito::fairing())
        .mount("/", routes![me, post_me, claims_of, audience_of, editor, not_editor])
        .mount("/", scopes::routes())
        .register("/", rocket_cognito::catchers());
    Client::untracked(rocket).await.expect("the app launches")
}

/// One attack for each value of a claim.
fn claim_values<const N: usize>(key: &Key, claims: &Value, name: &str, values: [Value; N]) -> Vec<Attack> {
    let attack =
        |value: Value| (format!("{name} = {value:.60}"), key.token(&with(claims.clone(), name, value)));
    values.into_iter().map(attack).collect()
}

/// Everything that is wrong before a key is needed, signed by `key` wherever that is possible.
fn attacks_that_need_no_key(key: &Key) -> Vec<Attack> {
    [headers::attacks(key), encoding::attacks(key), claims::attacks(key)].concat()
}

#[rocket::async_test]
async fn a_bad_token_is_refused_even_with_the_pools_own_signature() {
    let app = App::new().await;
    app.accepts("control", &POOL.token(&access_claims())).await;
    app.refuses(attacks_that_need_no_key(&POOL)).await;
}

#[rocket::async_test]
async fn the_session_cookie_is_judged_as_strictly() {
    let app = App::new().await;
    assert_eq!(app.cookie(&POOL.token(&access_claims())).await.status, 200);
    let expected = app.cookie("x.y.z").await;
    expected.assert_denied(401, "session_expired", "Bearer error=\"invalid_token\"");
    for (name, token) in attacks_that_need_no_key(&POOL) {
        assert_eq!(app.cookie(&token).await, expected, "{name}");
    }
}

/// J8: a fetch is due as soon as anything names an unknown key, yet nothing here does so credibly.
#[rocket::async_test]
async fn a_bad_token_causes_no_fetch_of_keys() {
    let endpoint = Stub::start(Served::ok(json!({ "keys": [POOL.jwk()] }).to_string())).await;
    let app = App { client: client(settings(&endpoint.url("/jwks.json"))).await, _keys: None };
    app.accepts("control", &POOL.token(&access_claims())).await;
    // Within ten seconds of a fetch there is none anyway, so that this would hold without a reason.
    tokio::time::sleep(Duration::from_millis(10_200)).await;

    app.refuses(attacks_that_need_no_key(&STRANGER)).await;
    assert_eq!(endpoint.requests(), 1);
    app.refuses(vec![("a good token of a stranger".into(), STRANGER.token(&access_claims()))]).await;
    assert_eq!(endpoint.requests(), 2, "the control: this one is worth a fetch");
}
