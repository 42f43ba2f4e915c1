//! What a session takes of a server's memory.

use std::time::Duration;

use redis::{Client, Connection};
use rocket::futures::stream::{self, StreamExt};
use rocket_cognito::Clock;
use rocket_cognito::store::{RedisStore, SessionAddress, SessionKey, SessionStore, UserKey};

use crate::support::app::Setup;
use crate::support::redis::RedisServer;

const SESSIONS: usize = 100_000;
const AT_ONCE: usize = 64;
const MAX_BYTES_EACH: usize = 4_400;
/// The name of a browser, which lies in the store beside the tokens, and which the test's agent does not send.
const USER_AGENT_BYTES: usize = 150;
const LIFE: Duration = Duration::from_secs(24 * 3600);

fn used_memory(connection: &mut Connection) -> usize {
    let info: String = redis::cmd("INFO").arg("memory").query(connection).unwrap();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    used.trim().parse().unwrap()
}

#[rocket::async_test]
async fn a_session_of_its_own_user_with_tokens_of_cognitos_size_takes_4_400_bytes_at_most() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let url = format!("redis://127.0.0.1:{}", server.port);
    // The local pool's refresh tokens are as long as Cognito's, its access and ID tokens nearly.
    let app = Setup::new().set("session_store", &url).start().await;
    let tokens = app.pool.sign_in("alice", crate::support::app::CLIENT).unwrap();
    let lengths = [&tokens.access_token, &tokens.id_token, &tokens.refresh_token].map(String::len);
    let missing = [1_100, 1_200, 1_800].iter().sum::<usize>().saturating_sub(lengths.iter().sum());
    app.signed_in("alice").await;
    let mut connection = Client::open(url).unwrap().get_connection().unwrap();
    let scanned = redis::cmd("SCAN").arg(0).arg("TYPE").arg("hash").query(&mut connection);
    let (_, keys): (u64, Vec<String>) = scanned.unwrap();
    let values: Vec<Vec<u8>> = redis::cmd("HVALS").arg(&keys[0]).query(&mut connection).unwrap();
    let length = values.iter().map(Vec::len).max().unwrap();
    let value = vec![7; length + missing * 3 / 4 + USER_AGENT_BYTES];

    let store = RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap();
    store.check().await.unwrap();
    let before = used_memory(&mut connection);
    let create = |_| async {
        let create = || {
            let (user, session) = (UserKey::new(rand::random()), SessionKey::new(rand::random()));
            let store = &store;
            let value = &value;
            async move { store.create(&SessionAddress { user, session }, value, LIFE, 100).await }
        };
        // A busy machine answers some too late.
        while create().await.is_err() {}
    };
    stream::iter(0..SESSIONS).map(create).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    let each = (used_memory(&mut connection) - before) / SESSIONS;
    println!("tokens of {lengths:?} bytes, a value of {} bytes: {each} bytes", value.len());
    assert!(each <= MAX_BYTES_EACH, "{each} bytes for a value of {} bytes", value.len());
}
