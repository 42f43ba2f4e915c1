//! The store in the memory of the process, beyond what every store has to do.

use std::time::Duration;

use rocket_cognito::Clock;
use rocket_cognito::store::{
    Claim, ItemKey, MAX_VALUE_BYTES, MemoryStore, SessionAddress, SessionKey, SessionStore, StoreError,
    UserKey, suite,
};

const LIFE: Duration = Duration::from_secs(3600);

#[rocket::async_test]
async fn the_memory_store_does_what_sessions_need() {
    let clock = Clock::default();
    suite::judge(MemoryStore::with_clock(&clock), clock).await.unwrap();
}

#[rocket::async_test]
async fn the_memory_store_does_what_sessions_need_by_the_machines_clock() {
    suite::judge(MemoryStore::new(), suite::RealTime::in_units_of(Duration::from_millis(40))).await.unwrap();
}

/// Names of their own for each number.
fn address(number: usize) -> SessionAddress {
    let mut name = [0; 32];
    name[..8].copy_from_slice(&number.to_le_bytes());
    SessionAddress { user: UserKey::new(name[..16].try_into().unwrap()), session: SessionKey::new(name) }
}

fn item(number: usize) -> ItemKey {
    ItemKey::new(*address(number).session.as_bytes())
}

fn is_refused<T: std::fmt::Debug>(answer: Result<T, StoreError>, reason: &str) {
    assert!(matches!(&answer, Err(StoreError::Refused(text)) if text.contains(reason)), "{answer:?}");
}

#[rocket::async_test]
async fn clones_of_a_memory_store_share_its_sessions_and_two_stores_do_not() {
    let (store, other) = (MemoryStore::new(), MemoryStore::new());
    store.clone().create(&address(1), b"value", LIFE, 100).await.unwrap();
    assert_eq!(store.load(&address(1)).await.unwrap().unwrap().value, b"value");
    assert_eq!(other.load(&address(1)).await, Ok(None));
}

#[rocket::async_test]
async fn a_full_memory_store_refuses_sign_ins_loses_no_session_and_has_room_as_sessions_end() {
    let clock = Clock::default();
    let store = MemoryStore::with_clock(&clock);
    for number in 0..MemoryStore::MAX_SESSIONS {
        let life = if number == 7 { LIFE } else { LIFE * 2 };
        store.create(&address(number), b"", life, 100).await.unwrap();
    }
    let new = address(MemoryStore::MAX_SESSIONS);
    is_refused(store.create(&new, b"", LIFE, 100).await, "full");
    assert!(store.load(&address(0)).await.unwrap().is_some());

    // One that takes the place of another of its user needs no room.
    let second = SessionAddress { session: new.session, ..address(5) };
    let removed = store.create(&second, b"", LIFE * 2, 1).await.unwrap();
    assert_eq!(removed.iter().map(|it| it.key).collect::<Vec<_>>(), [address(5).session]);

    clock.advance(LIFE);
    assert_eq!(store.create(&new, b"", LIFE, 100).await, Ok(Vec::new()));
    is_refused(store.create(&address(MemoryStore::MAX_SESSIONS + 1), b"", LIFE, 100).await, "full");
}

#[rocket::async_test]
async fn a_full_memory_store_refuses_single_values_loses_no_claim_and_has_room_as_they_end() {
    let clock = Clock::default();
    let store = MemoryStore::with_clock(&clock);
    for number in 0..MemoryStore::MAX_VALUES {
        assert_eq!(store.claim(&item(number), b"", LIFE).await, Ok(Claim::Yours));
    }
    let new = item(MemoryStore::MAX_VALUES);
    is_refused(store.claim(&new, b"", LIFE).await, "full");
    is_refused(store.put(&new, b"", LIFE).await, "full");
    assert_eq!(store.claim(&item(0), b"another", LIFE).await, Ok(Claim::Taken(Vec::new())));
    assert_eq!(store.put(&item(0), b"in its own place", LIFE).await, Ok(()));

    clock.advance(LIFE);
    assert_eq!(store.claim(&new, b"", LIFE).await, Ok(Claim::Yours));
}

#[rocket::async_test]
async fn a_memory_store_refuses_values_that_are_too_long_and_keeps_what_it_has() {
    let (store, long) = (MemoryStore::new(), vec![0; MAX_VALUE_BYTES + 1]);
    is_refused(store.create(&address(1), &long, LIFE, 100).await, "bytes");
    assert_eq!(store.load(&address(1)).await, Ok(None));
    store.create(&address(1), b"value", LIFE, 100).await.unwrap();
    is_refused(store.replace(&address(1), 1, &long, LIFE).await, "bytes");
    assert_eq!(store.load(&address(1)).await.unwrap().unwrap().generation, 1);
    is_refused(store.claim(&item(1), &long, LIFE).await, "bytes");
    is_refused(store.put(&item(1), &long, LIFE).await, "bytes");
    assert_eq!(store.get(&item(1)).await, Ok(None));
}

/// X1.
#[rocket::async_test]
async fn debug_of_a_memory_store_shows_nothing_of_what_it_holds() {
    let store = MemoryStore::default();
    store.create(&address(1), b"value", LIFE, 100).await.unwrap();
    assert_eq!(format!("{store:?}"), "MemoryStore { .. }");
}
