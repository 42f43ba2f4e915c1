//! What the scripts do at the edges: a full server, notes of another release, clocks that differ, and lives of no length.

use std::time::Duration;

use rocket_cognito::Clock;
use rocket_cognito::store::{
    Claim, ItemKey, LeaseOwner, RedisStore, SessionAddress, SessionKey, SessionStore, StoreError, Turn,
    UserKey,
};

use super::world::{entry, fields};
use crate::support::redis::RedisServer;
use crate::support::redis_client::Answer;

const LIFE: Duration = Duration::from_secs(3600);
const LEASE: Duration = Duration::from_secs(10);
const ITEM: ItemKey = ItemKey::new([3; 32]);
const OWNERS: [LeaseOwner; 2] = [LeaseOwner::new([1; 16]), LeaseOwner::new([2; 16])];

fn at(user: u8) -> SessionAddress {
    SessionAddress { user: UserKey::new([user; 16]), session: SessionKey::new([7; 32]) }
}

fn store(server: &RedisServer) -> RedisStore {
    RedisStore::from_figment(&server.settings(), &Clock::default()).unwrap()
}

fn note(server: &RedisServer, at: &SessionAddress) -> String {
    let [_, name] = fields(at);
    server.client().send(&[b"HGET".as_slice(), entry(at).as_bytes(), &name]).text()
}

fn set_note(server: &RedisServer, at: &SessionAddress, note: &str) {
    let [_, name] = fields(at);
    server.client().send(&[b"HSET".as_slice(), entry(at).as_bytes(), &name, note.as_bytes()]);
}

#[rocket::async_test]
async fn a_full_server_stored_the_first_session_of_a_user_all_the_same() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = store(&server);
    store.create(&at(1), b"value", LIFE, 100).await.unwrap();
    server.run("CONFIG SET maxmemory 1000");
    for user in [1, 2] {
        let another = SessionAddress { session: SessionKey::new([8; 32]), ..at(user) };
        let refused = store.create(&another, b"value", LIFE, 100).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Refused(text) if text.contains("maxmemory")), "{refused:?}");
    }
    assert_eq!(store.list(&UserKey::new([2; 16])).await.unwrap(), []);
}

#[rocket::async_test]
async fn a_check_removed_what_lay_at_its_key() {
    let Some(server) = RedisServer::start(&[]) else { return };
    for command in ["HSET cognito:check field value", "SET cognito:check value"] {
        server.run("DEL cognito:check");
        server.run(command);
        store(&server).check().await.unwrap();
        assert_eq!(server.run("EXISTS cognito:check"), Answer::Number(1), "{command}");
        assert_eq!(server.run("PTTL cognito:check"), Answer::Number(-1), "{command}");
    }
}

#[rocket::async_test]
async fn a_removal_of_one_generation_removed_what_another_release_had_noted() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = store(&server);
    store.create(&at(1), b"value", LIFE, 100).await.unwrap();
    let other = note(&server, &at(1)).replacen("1 ", "2 ", 1);
    set_note(&server, &at(1), &other);
    assert_eq!(store.remove(&at(1), Some(1)).await, Ok(None));
    assert_eq!(note(&server, &at(1)), other);
}

/// A server that was an hour ahead has noted the lease and the rest, and one that is right takes over.
#[rocket::async_test]
async fn a_lease_and_a_rest_by_a_clock_that_was_ahead_held_a_session_up_for_as_long() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = store(&server);
    store.create(&at(1), b"value", LIFE, 100).await.unwrap();
    let turn = async |owner: usize| store.turn(&at(1), 1, &OWNERS[owner], LEASE).await.unwrap();
    assert_eq!(turn(0).await, Turn::Yours { taken_over: false, failures: 0 });
    assert!(matches!(turn(1).await, Turn::Held(_)));

    let noted = note(&server, &at(1));
    let mut parts: Vec<_> = noted.split(' ').map(str::to_owned).collect();
    let later = |part: &String| (part.parse::<u64>().unwrap() + 3_600_000).to_string();
    parts[5] = later(&parts[5]);
    set_note(&server, &at(1), &parts.join(" "));
    assert_eq!(turn(1).await, Turn::Yours { taken_over: true, failures: 0 });

    store.give_back(&at(1), &OWNERS[1], LEASE).await.unwrap();
    assert!(matches!(turn(0).await, Turn::Rests(_)));
    let noted = note(&server, &at(1));
    let mut parts: Vec<_> = noted.split(' ').map(str::to_owned).collect();
    parts[7] = later(&parts[7]);
    set_note(&server, &at(1), &parts.join(" "));
    assert_eq!(turn(0).await, Turn::Yours { taken_over: false, failures: 1 });
}

#[rocket::async_test]
async fn a_value_that_is_over_at_once_was_an_error() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let store = store(&server);
    assert_eq!(store.claim(&ITEM, b"one", Duration::ZERO).await, Ok(Claim::Yours));
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(store.get(&ITEM).await, Ok(None));
    assert_eq!(store.put(&ITEM, b"two", Duration::ZERO).await, Ok(()));
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(store.get(&ITEM).await, Ok(None));
}
