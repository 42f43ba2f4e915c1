//! What lies in a store shows nothing, and counts at its own place alone.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rocket_cognito::store::SessionStore;

use super::world::{EXPIRED, Fleet, SID, address, rotating, sign_out};
use crate::refresh::world::{claims, copy};
use crate::support::agent::{Agent, answer};
use crate::support::app::{CLIENT, SECRET_KEY};
use crate::support::kind::{Kind, each_store};
use crate::support::sealing::StoredSeal;

const LIFE: Duration = Duration::from_secs(3600);

/// Puts a value at the place of this browser's session, in this generation.
pub async fn place(fleet: &Fleet, agent: &Agent, value: &[u8], generation: u64) {
    let (memory, at) = (&fleet.store.inner, address(agent));
    memory.remove(&at, None).await.unwrap();
    memory.create(&at, value, LIFE, 1000).await.unwrap();
    for before in 1..generation {
        memory.replace(&at, before, value, LIFE).await.unwrap();
    }
}

each_store!(a_value_opens_at_no_other_place);
/// S3, K8: of one user or of two, in one generation or another.
async fn a_value_opens_at_no_other_place(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agents = fleet.all_signed_in(20).await;
    let mut values = Vec::new();
    for agent in &agents {
        values.push(fleet.stored(agent).await.unwrap().value);
    }
    for (number, agent) in agents.iter().enumerate() {
        for (other, value) in values.iter().enumerate() {
            place(&fleet, agent, value, 1).await;
            let expected =
                if number == other { (200, String::new()) } else { (401, "session_expired".into()) };
            assert_eq!(answer(&fleet.get(agent, "/me").await), expected, "{other} at {number}");
        }
        place(&fleet, agent, &values[number], 2).await;
        assert_eq!(fleet.get(agent, "/me").await.status, 401, "{number} in another generation");
        // A cookie that names another user's entry with the same secret.
        let (cookie, other) = (agent.cookie(SID).unwrap(), &agents[(number + 1) % 20].cookie(SID).unwrap());
        place(&fleet, agent, &values[number], 1).await;
        let moved = Agent::new();
        moved.set_cookie(SID, &format!("{}{}", &other[..25], &cookie[25..]));
        place(&fleet, &moved, &values[number], 1).await;
        let status = fleet.get(&moved, "/me").await.status;
        let is_same_user = cookie[..25] == other[..25];
        assert_eq!(status, if is_same_user { 200 } else { 401 }, "{number} in the entry of another user");
    }
}

each_store!(a_dump_of_the_store_holds_no_token_no_name_and_no_cookie);
/// S3.
async fn a_dump_of_the_store_holds_no_token_no_name_and_no_cookie(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0).set("bearer_denylist", true), 2).await;
    let (agent, kept) = (Agent::new(), Agent::new());
    agent
        .send(reqwest::Method::GET, &fleet.app.url("/open"), &[("user-agent", "the-browsers-own-name")], None)
        .await;
    let callback = fleet.app.begin(&agent, "/me").await;
    let headers = [("user-agent", "the-browsers-own-name")];
    assert_eq!(agent.send(reqwest::Method::GET, &callback, &headers, None).await.status, 303);
    kept.set_cookie(SID, &agent.cookie(SID).unwrap());

    let seal = StoredSeal::new(SECRET_KEY, &fleet.app.pool.issuer(), CLIENT);
    let mut canaries: Vec<Vec<u8>> = Vec::new();
    for _ in 0..2 {
        let (at, stored) = (address(&kept), fleet.stored(&kept).await.unwrap());
        let record = seal.open(&at, stored.generation, &stored.value);
        let tokens = ["access_token", "id_token", "refresh_token"].map(|name| record[name].as_str().unwrap());
        for part in tokens.iter().flat_map(|token| token.split('.')) {
            let decoded = URL_SAFE_NO_PAD.decode(part).unwrap_or_else(|_| part.into());
            canaries.extend([part.into(), decoded.clone(), STANDARD_NO_PAD.encode(decoded).into_bytes()]);
        }
        let said = claims(tokens[0]);
        canaries
            .extend(["sub", "username", "origin_jti", "jti"].map(|name| said[name].as_str().unwrap().into()));
        fleet.advance(EXPIRED);
        assert_eq!(fleet.get(&kept, "/me").await.status, 200);
    }
    let cookie = kept.cookie(SID).unwrap();
    let secret = cookie.rsplit('.').next().unwrap();
    canaries.extend([secret.into(), URL_SAFE_NO_PAD.decode(secret).unwrap()]);
    let url = reqwest::Url::parse(&callback).unwrap();
    canaries.extend(url.query_pairs().map(|(_, value)| value.as_bytes().to_vec()));
    canaries.extend(["the-browsers-own-name", "alice@", "http", "eyJ", CLIENT].map(Into::into));
    canaries.retain(|canary| canary.len() > 2);
    sign_out(&fleet.app.url("/auth/logout"), &copy(&kept)).await;
    fleet.revoked(1).await;

    let given = fleet.store.given();
    assert!(
        given.len() >= 10,
        "a claim, its result, a session, its refreshes and a denied sign-in: {}",
        given.len()
    );
    for canary in &canaries {
        let holds = |bytes: &&Vec<u8>| bytes.windows(canary.len()).any(|window| window == canary.as_slice());
        assert_eq!(given.iter().find(holds), None, "{}", String::from_utf8_lossy(canary));
    }
    assert!(canaries.len() > 30);
}
