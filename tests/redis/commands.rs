//! What an app asks Redis for.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::{Client, Connection};

use crate::support::app::Setup;
use crate::support::kind::SID;
use crate::support::raw::Line;
use crate::support::redis::RedisServer;

const REQUESTS: u64 = 10_000;
/// What this test itself asks, and the ping of each minute.
const OWN: [&str; 5] = ["config|resetstat", "info", "client|setinfo", "hello", "time"];

/// How often each command was sent.
fn calls(connection: &mut Connection) -> BTreeMap<String, u64> {
    let info: String = redis::cmd("INFO").arg("commandstats").query(connection).unwrap();
    let lines = info.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="));
    let calls = lines.map(|(name, rest)| (name.to_owned(), rest.split_once(',').unwrap().0.parse().unwrap()));
    calls.filter(|(name, _)| !OWN.contains(&name.as_str())).collect()
}

#[rocket::async_test]
async fn a_guarded_request_is_one_hmget_and_an_app_at_rest_asks_nothing() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let url = format!("redis://127.0.0.1:{}", server.port);
    let app = Setup::new().set("session_store", &url).start().await;
    let agent = app.signed_in("alice").await;
    let cookie = format!("Cookie: {SID}={}", agent.cookie(SID).unwrap());
    let mut line = Line::new(app.server.port);
    let mut connection = Client::open(url).unwrap().get_connection().unwrap();
    let () = redis::cmd("CONFIG").arg("RESETSTAT").query(&mut connection).unwrap();

    for _ in 0..REQUESTS {
        assert_eq!(line.send("GET /page", &[cookie.as_bytes()]).await.status, 200);
    }
    let expected = BTreeMap::from([("hmget".to_owned(), REQUESTS)]);
    assert_eq!(calls(&mut connection), expected);

    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(calls(&mut connection), expected, "at rest");
}
