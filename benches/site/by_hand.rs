//! A guard written by hand: it asks Redis for what a session's guard asks for, and does nothing with it.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, RedisResult};
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{Build, Rocket, get, routes};
use serde::{Deserialize, Serialize};

use super::app::Private;

/// The name of this guard's table in the settings.
pub const TABLE: &str = "by_hand";

/// How long a command may take.
const DEADLINE: Duration = Duration::from_secs(1);

/// Where a session lies in a Redis.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    pub url: String,
    pub key: String,
    pub fields: [Vec<u8>; 2],
}

struct ByHand {
    entry: Entry,
    connection: MultiplexedConnection,
}

struct Fetched;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Fetched {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let by_hand = request.rocket().state::<ByHand>().expect("managed at launch");
        let Entry { key, fields: [value, note], .. } = &by_hand.entry;
        let mut command = Cmd::new();
        command.arg("HMGET").arg(key).arg(value).arg(note);
        let fetched: RedisResult<(Option<Vec<u8>>, Option<Vec<u8>>)> =
            command.query_async(&mut by_hand.connection.clone()).await;
        match fetched {
            Ok((Some(_), Some(_))) => Outcome::Success(Fetched),
            _ => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

#[get("/by-hand")]
fn by_hand(_fetched: Fetched) -> Private {
    Private::hello()
}

/// Adds the route with this guard, whose answer is as private as a guarded one.
pub fn add(rocket: Rocket<Build>, entry: Entry) -> Rocket<Build> {
    let connect = AdHoc::on_ignite("a connection to Redis", |rocket| async move {
        let client = Client::open(entry.url.as_str()).expect("an address");
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(DEADLINE));
        let connection = client.get_multiplexed_async_connection_with_config(&config).await;
        let connection = connection.expect("a connection to Redis");
        rocket.manage(ByHand { entry, connection })
    });
    rocket.attach(connect).mount("/", routes![by_hand])
}
