//! Statuses that the pool's endpoints may answer with, beside what their bodies say.

use std::time::Duration;

use rocket::futures::future::join_all;
use rocket_cognito::Clock;
use serde_json::json;

use crate::exchange::Rig;
use crate::jwks::{app, ask, good, jwks, recovers};
use crate::support::agent::Agent;
use crate::support::app::{App, CLIENT, Setup};
use crate::support::fault::Fault;
use crate::support::forge::now;
use crate::support::stub::{Answer, Stub};
use crate::{Cell, assert_all, expect, refusal_of, refused};

const STATUSES: [u16; 13] = [201, 400, 401, 403, 404, 408, 409, 418, 429, 500, 502, 503, 504];
/// With the good body, for a status that is not 200 spoils it.
const BODIES: [(&str, &str); 4] = [
    ("invalid_grant", r#"{"error":"invalid_grant"}"#),
    ("invalid_client", r#"{"error":"invalid_client","error_description":"no"}"#),
    ("html", "<!doctype html><title>Sorry</title>"),
    ("empty", ""),
];
const RETRY_AFTER: [&str; 3] = ["", "Retry-After: 7\r\n", "Retry-After: 9999999\r\n"];

fn answer(status: u16, headers: &str, body: &str) -> Answer {
    Answer::new(&format!("{status} Status"), &format!("Content-Type: application/json\r\n{headers}"), body)
}

async fn fetch(status: u16, retry_after: &'static str) -> Cell {
    let cell = format!("JWKS, {status} {retry_after:?}");
    let endpoint = Stub::start(answer(status, retry_after, &jwks())).await;
    let app = app(&endpoint.url("/jwks.json")).await;
    let expected = refused(503, "keys_unavailable", "soon");
    expect(&cell, "a good token's answer", ask(&app, &good()).await, expected)?;
    endpoint.set(Answer::ok(jwks()));
    recovers(&cell, &app).await
}

/// I7, J5, J9: keys that come with any other status are not taken.
#[rocket::async_test]
async fn only_200_brings_keys() {
    let cells = STATUSES.iter().flat_map(|status| RETRY_AFTER.map(|retry_after| fetch(*status, retry_after)));
    assert_all(join_all(cells).await, 39);
}

/// C24, I7: what a refusal says counts where RFC 6749 section 5.2 puts one, and nowhere else.
#[rocket::async_test]
async fn a_status_decides_whether_the_pool_refused_or_is_in_trouble() {
    let endpoint = Stub::start(Answer::Hang).await;
    let app = Setup::new().set("domain", endpoint.url("")).start().await;
    let mut cells = Vec::new();
    for status in STATUSES {
        for retry_after in RETRY_AFTER {
            for (what, body) in BODIES {
                let cell = format!("code exchange, {status} {what} {retry_after:?}");
                endpoint.set(answer(status, retry_after, body));
                let expected = match (status, what) {
                    (400 | 401 | 403, "invalid_grant") => refused(400, "code_refused", ""),
                    (400 | 401 | 403, "invalid_client") => refused(503, "sign_in_misconfigured", ""),
                    _ => refused(503, "pool_unavailable", "5"),
                };
                let (agent, calls) = (Agent::new(), endpoint.requests());
                let login = agent.get(&app.url("/auth/login")).await;
                let state = login.location_parameter("state");
                let page = agent.get(&app.url(&format!("/auth/callback?code=c&state={state}"))).await;
                cells.push(
                    expect(&cell, "the callback's answer", refusal_of(&page), expected)
                        .and_then(|()| expect(&cell, "what is left of cookies", agent.cookies().len(), 0))
                        .and_then(|()| expect(&cell, "the calls", endpoint.requests() - calls, 1)),
                );
            }
        }
    }
    assert_all(cells, 156);
    let rig = Rig::start(Fault::None).await;
    assert_eq!(rig.sign_in(&Agent::new()).await.status, 303, "the control");
}

/// An app that calls an endpoint of the test's own, and whose pool signs what that answers.
struct World {
    endpoint: Stub,
    app: App,
    clock: Clock,
    ahead: u32,
}

impl World {
    async fn start() -> Self {
        let (endpoint, clock) = (Stub::start(Answer::Hang).await, Clock::default());
        let app = Setup::new().set("domain", endpoint.url("")).start_at(&clock).await;
        World { endpoint, app, clock, ahead: 0 }
    }

    /// Lets time pass for app and pool.
    fn advance(&mut self, seconds: u32) {
        self.ahead += seconds;
        self.clock.advance(Duration::from_secs(seconds.into()));
        self.app.pool.set_clock_skew_seconds(self.ahead.try_into().unwrap());
    }

    /// A session that has expired.
    fn session(&self) -> Agent {
        let agent = self.app.session("alice", now() + u64::from(self.ahead));
        agent.drop_cookie("cognito_access_token");
        agent
    }

    async fn me(&self, agent: &Agent) -> (u16, String, String) {
        refusal_of(&agent.get(&self.app.url("/me")).await)
    }

    /// What a pool that works answers.
    fn recover(&self) {
        let tokens = self.app.pool.sign_in("alice", CLIENT).unwrap();
        self.endpoint.set(Answer::ok(
            json!({
                "access_token": tokens.access_token, "id_token": tokens.id_token, "token_type": "Bearer",
                "refresh_token": tokens.refresh_token, "expires_in": 3600,
            })
            .to_string(),
        ));
    }

    async fn renewal(&mut self, cell: &str, expected: (u16, String, String)) -> Cell {
        let (agent, calls) = (self.session(), self.endpoint.requests());
        let cookies = agent.cookies();
        let is_over = expected.0 == 401;
        expect(cell, "the answer", self.me(&agent).await, expected)?;
        expect(cell, "the calls", self.endpoint.requests() - calls, 1)?;
        if is_over {
            return expect(cell, "what is left of cookies", agent.cookies().len(), 0);
        }
        expect(cell, "what is left of cookies", agent.cookies(), cookies)?;
        self.recover();
        // Longer than any pause.
        self.advance(61);
        expect(cell, "the next answer", self.me(&agent).await.0, 200)
    }
}

/// F8, F9, F10, I7: only what RFC 6749 section 5.2 calls `invalid_grant`, where it puts it, ends a session.
#[rocket::async_test]
async fn a_status_decides_whether_a_session_ends_or_waits() {
    let (mut world, mut cells) = (World::start().await, Vec::new());
    for status in STATUSES {
        for retry_after in RETRY_AFTER {
            for (what, body) in BODIES {
                let cell = format!("refresh, {status} {what} {retry_after:?}");
                world.endpoint.set(answer(status, retry_after, body));
                let expected = match (status, what, retry_after) {
                    (400 | 401 | 403, "invalid_grant", _) => refused(401, "session_ended", ""),
                    (400 | 401 | 403, "invalid_client", _) => refused(503, "session_not_renewed", "10"),
                    (_, _, "") => refused(503, "session_not_renewed", "1"),
                    (_, _, "Retry-After: 7\r\n") => refused(503, "session_not_renewed", "7"),
                    _ => refused(503, "session_not_renewed", "60"),
                };
                cells.push(world.renewal(&cell, expected).await);
                // What the pool has refused or asked for is about every session.
                world.advance(61);
            }
        }
    }
    assert_all(cells, 156);
}

/// L3, I7.
#[rocket::async_test]
async fn no_status_keeps_anybody_signed_in() {
    let (world, mut cells) = (World::start().await, Vec::new());
    for status in STATUSES {
        for retry_after in RETRY_AFTER {
            let cell = format!("revocation, {status} {retry_after:?}");
            world.endpoint.set(answer(status, retry_after, ""));
            let (agent, calls) = (world.app.session("alice", now()), world.endpoint.requests());
            let headers = [("origin", &*world.app.origin())];
            let page = agent.post(&world.app.url("/auth/logout"), &headers, &[]).await;
            cells.push(
                expect(&cell, "the sign-out", page.status.as_u16(), 303)
                    .and_then(|()| expect(&cell, "what is left of cookies", agent.cookies().len(), 0))
                    .and_then(|()| expect(&cell, "the calls", world.endpoint.requests() - calls, 1)),
            );
        }
    }
    assert_all(cells, 39);
}

/// F18: no session asks before the time is over, and none waits for more than a minute.
#[rocket::async_test]
async fn retry_after_holds_for_every_session_up_to_a_minute() {
    for (header, still, over) in [("Retry-After: 7\r\n", 4, 3), ("Retry-After: 9999999\r\n", 55, 5)] {
        let waits = |seconds: u32| refused(503, "session_not_renewed", &seconds.to_string());
        let mut world = World::start().await;
        let sessions = [world.session(), world.session()];
        world.endpoint.set(answer(429, header, ""));
        assert_eq!(world.me(&sessions[0]).await, waits(still + over));
        world.recover();
        world.advance(still);
        for agent in &sessions {
            assert_eq!((world.me(agent).await, world.endpoint.requests()), (waits(over), 1), "{header}");
        }
        world.advance(over);
        for (agent, calls) in sessions.iter().zip([2, 3]) {
            assert_eq!((world.me(agent).await.0, world.endpoint.requests()), (200, calls), "{header}");
        }
    }
}
