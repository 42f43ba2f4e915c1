//! What lies in Redis shows nothing, and counts at its own place alone.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rocket::futures::future::join_all;
use rocket_cognito::store::SessionAddress;
use serde_json::Value;

use super::world::{EXPIRED, SID, World, address, copy, entry, field, fields, generation, setup, until};
use crate::support::agent::{Agent, answer};
use crate::support::app::{CLIENT, SECRET, SECRET_KEY};
use crate::support::redis::RedisServer;
use crate::support::redis_client::{Answer, RedisClient};
use crate::support::sealing::StoredSeal;

const BROWSER: &str = "the-browsers-own-name";

/// The names and contents of all that lies in the server.
fn dump(server: &RedisServer) -> Vec<Vec<u8>> {
    let mut client = server.client();
    let mut dump = Vec::new();
    for name in client.run("KEYS *").list() {
        let name = name.bytes().unwrap();
        match client.send(&[b"TYPE", name.as_slice()]).text().as_str() {
            "hash" => dump.extend(client.send(&[b"HGETALL", name.as_slice()]).list().into_iter().map(bytes)),
            "string" => dump.push(bytes(client.send(&[b"GET", name.as_slice()]))),
            other => panic!("what is a {other} there for?"),
        }
        dump.push(name);
    }
    dump
}

fn bytes(answer: Answer) -> Vec<u8> {
    answer.bytes().expect("bytes")
}

/// What the app would find in the store of this browser's session.
fn record(world: &World, server: &RedisServer, agent: &Agent) -> Value {
    let seal = StoredSeal::new(SECRET_KEY, &world.app.pool.issuer(), CLIENT);
    let value = field(server, agent, 0).unwrap();
    seal.open(&address(agent), generation(server, agent).unwrap(), &value)
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// S3, O9: commands and the file that a server saves show the same: nothing.
#[rocket::async_test]
async fn a_dump_of_redis_holds_no_token_no_name_and_no_cookie() {
    let Some(server) = RedisServer::start(&["--rdbcompression", "no"]) else { return };
    let world = World::start(setup(server.address()).set("bearer_denylist", true)).await;
    let (agent, leaving) = (Agent::new(), world.signed_in("bob").await);
    let callback = world.app.begin(&agent, "/me").await;
    let headers = [("user-agent", BROWSER)];
    assert_eq!(agent.send(reqwest::Method::GET, &callback, &headers, None).await.status, 303);
    let mut canaries = BTreeSet::<Vec<u8>>::new();
    let mut seen = |agent: &Agent| {
        let record = record(&world, &server, agent);
        let tokens = ["access_token", "id_token", "refresh_token"].map(|name| record[name].as_str().unwrap());
        for part in tokens.iter().flat_map(|token| token.split('.')) {
            let decoded = URL_SAFE_NO_PAD.decode(part).unwrap_or_else(|_| part.into());
            canaries.extend([part.into(), STANDARD_NO_PAD.encode(&decoded).into_bytes(), decoded]);
        }
        for (token, names) in [
            (tokens[0], ["sub", "username", "origin_jti", "jti"]),
            (tokens[1], ["email", "sub", "jti", "cognito:username"]),
        ] {
            canaries.extend(names.map(|name| claims(token)[name].as_str().expect(name).into()));
        }
        let cookie = agent.cookie(SID).unwrap();
        let secret = cookie.rsplit('.').next().unwrap();
        canaries.extend([secret.into(), URL_SAFE_NO_PAD.decode(secret).unwrap(), cookie.into_bytes()]);
    };
    seen(&leaving);
    seen(&agent);
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    seen(&agent);
    let url = reqwest::Url::parse(&callback).unwrap();
    canaries.extend(url.query_pairs().map(|(_, value)| value.as_bytes().to_vec()));
    let texts = [BROWSER, "alice@", "bob@", "http", "eyJ", SECRET, SECRET_KEY, "Mozilla"];
    canaries.extend(texts.map(Into::into));
    canaries.retain(|canary| canary.len() > 2);
    world.sign_out(&leaving).await;
    until("its bearer tokens are refused", || world.app.revocations() == 1).await;

    let dump = dump(&server);
    assert!(dump.len() > 6, "a session, a claim, its result, a denied sign-in: {}", dump.len());
    server.run("SAVE");
    let file = std::fs::read(server.folder().join("dump.rdb")).unwrap();
    let known = field(&server, &agent, 0).unwrap();
    assert!(holds(&file, &known), "else this test shows nothing");
    for canary in &canaries {
        let holder = dump.iter().chain([&file]).find(|bytes| holds(bytes, canary));
        assert_eq!(holder, None, "{}", String::from_utf8_lossy(canary));
    }
    assert!(canaries.len() > 40);
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

fn put(client: &mut RedisClient, at: &SessionAddress, number: usize, content: &[u8]) {
    let (entry, names) = (entry(at), fields(at));
    client.send(&[b"HSET".as_slice(), entry.as_bytes(), &names[number], content]).number();
}

/// S3, O9: whoever writes to the server can end a session, and cannot make it anybody else's.
#[rocket::async_test]
async fn a_field_at_the_place_of_another_opens_nobodys_session() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let world = World::start(setup(server.address())).await;
    // Half of them have been refreshed.
    let names = |from: usize| (from..from + 10).map(|number| ["alice", "bob", "carol"][number % 3]);
    let mut agents = join_all(names(0).map(|name| world.signed_in(name))).await;
    world.advance(EXPIRED);
    join_all(agents.iter().map(|agent| world.get(agent, "/me"))).await;
    agents.extend(join_all(names(10).map(|name| world.signed_in(name))).await);
    let places: Vec<_> = agents.iter().map(address).collect();
    let owners: Vec<_> = join_all(agents.iter().map(|agent| world.get(agent, "/"))).await;
    let generations: Vec<_> = agents.iter().map(|agent| generation(&server, agent).unwrap()).collect();
    assert_eq!((generations[0], generations[19]), (2, 1));
    let all: Vec<[Vec<u8>; 2]> =
        agents.iter().map(|agent| [0, 1].map(|number| field(&server, agent, number).unwrap())).collect();
    let mut client = server.client();
    let (mut served, mut refused) = (0, 0);
    for (at, agent) in agents.iter().enumerate() {
        for (from, contents) in all.iter().enumerate() {
            // Value for value, note for note, one for the other, and both.
            for moved in [&[(0, 0)][..], &[(1, 1)], &[(0, 1)], &[(1, 0)], &[(0, 0), (1, 1)]] {
                moved.iter().for_each(|(to, of)| put(&mut client, &places[at], *to, &contents[*of]));
                let page = copy(agent).get(&world.app.url("/")).await;
                let is_own = at == from && moved.iter().all(|(to, of)| to == of);
                let is_only_noted_so = moved == [(1, 1)] && generations[at] == generations[from];
                if is_own || is_only_noted_so {
                    assert_eq!(page.body, owners[at].body, "{moved:?} of {from} at {at}");
                    served += 1;
                } else {
                    assert_eq!(page.body, "nobody", "{moved:?} of {from} at {at}");
                    refused += 1;
                }
                [0, 1].iter().for_each(|number| put(&mut client, &places[at], *number, &all[at][*number]));
            }
        }
        assert_eq!(world.get(agent, "/").await.body, owners[at].body);
    }
    assert_eq!((served, refused), (20 * 3 + 2 * 10 * 9, 2000 - 240));
    let page = world.get(&agents[0], "/me").await;
    assert_eq!(answer(&page).0, 200);
}
