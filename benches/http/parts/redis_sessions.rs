//! What many sessions take of Redis's memory, and of the app's.

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::figment::Figment;
use rocket::figment::providers::Serialized;
use rocket::futures::stream::{self, StreamExt};
use rocket_cognito::Clock;
use rocket_cognito::store::{RedisStore, SessionAddress, SessionKey, SessionStore, UserKey};
use serde_json::{Value, json};

use super::pool::Pool;
use super::store::settings_with_store;
use crate::sealing::StoredSeal;
use crate::site::key::decoded;
use crate::site::preparation::{CLIENT, SECRET_KEY};
use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::redis_server::RedisServer;
use crate::site::requests::Case;

const SESSIONS: usize = 100_000;
const AT_ONCE: usize = 64;
const LIFE: Duration = Duration::from_secs(24 * 3600);
const WARM: usize = 1_000;

pub fn run() {
    let Some(redis) = RedisServer::start() else { return };
    let pool = Pool::start();
    let record = record(&pool);
    let sizes =
        ["access_token", "id_token", "refresh_token"].map(|name| record[name].as_str().map_or(0, str::len));
    let seal = StoredSeal::new(SECRET_KEY, &pool.issuer(), CLIENT);
    let before = redis.number("memory", "used_memory");
    let cookies = rocket::execute(store_all(&redis, &seal, &record));
    let each = (redis.number("memory", "used_memory") - before) as f64 / SESSIONS as f64;
    println!("\n{SESSIONS} sessions, each of a user of its own, with tokens of {sizes:?} bytes");
    println!("  {:<44} {each:>8.0} bytes each", "in Redis");

    let server = Server::start(&ON_ONE_CORE, &settings_with_store(&pool, &redis.url(), true), &[]);
    // With one session, since what is remembered of the others counts.
    Case::new("warm", "/user", &cookies[..1], "").send(server.port(), WARM);
    let before = server.memory("VmRSS");
    Case::new("all", "/user", &cookies, "").send(server.port(), SESSIONS);
    let more = server.memory("VmRSS") as f64 - before as f64;
    println!("  {:<44} {more:>8.0} kB more, each session asked once", "in the app");
}

/// What each session has: tokens of one user, so that the app remembers no more than two.
fn record(pool: &Pool) -> Value {
    let tokens = pool.sign_in("alice", CLIENT).expect("alice and the client are in the pool");
    let payload = tokens.access_token.split('.').nth(1).expect("a payload");
    let claims: Value = serde_json::from_slice(&decoded(payload)).expect("claims");
    json!({
        "sub": claims["sub"], "created_at": claims["iat"], "issued_at": claims["iat"],
        "access_token": tokens.access_token, "id_token": tokens.id_token, "refresh_token": tokens.refresh_token,
    })
}

/// Stores all sessions, and returns the header line of each.
async fn store_all(redis: &RedisServer, seal: &StoredSeal, record: &Value) -> Vec<String> {
    let settings = json!({ "cognito": { "session_store": redis.url() } });
    let figment = Figment::from(Serialized::globals(settings));
    let store = RedisStore::from_figment(&figment, &Clock::default()).expect("good settings");
    let create = |_| async {
        let (user, secret): ([u8; 16], [u8; 32]) = (rand::random(), rand::random());
        let mut digest = Context::new(&SHA256);
        digest.update(b"rocket-cognito/v1/session");
        digest.update(&secret);
        let session = SessionKey::new(digest.finish().as_ref().try_into().expect("32 bytes"));
        let at = SessionAddress { user: UserKey::new(user), session };
        store.create(&at, &seal.seal(&at, 1, record), LIFE, 100).await.expect("a session");
        let [user, secret] = [&user[..], &secret].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        format!("Cookie: cognito_sid=1.{user}.{secret}")
    };
    stream::iter(0..SESSIONS).map(create).buffer_unordered(AT_ONCE).collect().await
}
