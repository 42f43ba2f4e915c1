//! Statuses that the pool's endpoints may answer with, beside what their bodies say.

use rocket::futures::future::join_all;

use crate::app::Setup;
use crate::exchange::Rig;
use crate::jwks::{app, ask, good, jwks, recovers};
use crate::support::agent::Agent;
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
    let expected = refused(503, "keys_unavailable", "5");
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
    let rig = Rig::start(crate::support::fault::Fault::None).await;
    assert_eq!(rig.sign_in(&Agent::new()).await.status, 303, "the control");
}
