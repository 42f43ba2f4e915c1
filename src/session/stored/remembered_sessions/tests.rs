use std::time::Duration;

use super::*;
use crate::session::record::SessionRecord;
use crate::store::{SessionKey, UserKey};

const NOW: UnixSeconds = UnixSeconds(1_000);
/// An eighth of it is for sessions.
const BYTES: u64 = 8 * (1 << 20);

fn remembered(entries: u64) -> RememberedSessions {
    RememberedSessions::new(TokenCache { entries, bytes: BYTES })
}

fn at(number: u32) -> SessionAddress {
    let mut session = [0; 32];
    session[..4].copy_from_slice(&number.to_be_bytes());
    SessionAddress { user: UserKey::new([7; 16]), session: SessionKey::new(session) }
}

fn stored(value: &[u8], generation: u64, lasts: u64) -> StoredSession {
    let (unseen_for, ends_in) = (Duration::ZERO, Duration::from_secs(lasts));
    StoredSession { value: value.to_vec(), generation, unseen_for, ends_in }
}

fn content(token: &str) -> Arc<SessionContent> {
    let token = || Some(token.to_owned().into());
    let record = SessionRecord::begin("https://pool.example", "shop", "sub", token().as_ref(), NOW, NOW);
    Arc::new(SessionContent { record, access: token(), id: token(), user_agent: None })
}

impl RememberedSessions {
    fn len_and_bytes(&self) -> (usize, u64) {
        self.cache.as_ref().map_or((0, 0), |cache| (cache.len(), cache.weight()))
    }
}

#[test]
fn a_session_counts_while_the_value_and_the_generation_are_the_ones_that_were_opened() {
    let (sessions, content) = (remembered(100), content("token"));
    sessions.insert(&at(1), stored(b"sealed", 2, 60), &content, NOW);
    let found = sessions.get(&at(1), &stored(b"sealed", 2, 5)).unwrap();
    assert!(Arc::ptr_eq(&found, &content), "the same, not a copy");
    for (at, value, generation) in [
        (at(1), b"sealed".as_slice(), 1),
        (at(1), b"sealed", 3),
        (at(1), b"sealeD", 2),
        (at(1), b"seale", 2),
        (at(1), b"sealed ", 2),
        (at(1), b"", 2),
        (at(2), b"sealed", 2),
    ] {
        assert!(sessions.get(&at, &stored(value, generation, 60)).is_none(), "{value:?} {generation}");
    }
    sessions.insert(&at(1), stored(b"later", 3, 60), &content, NOW);
    assert!(sessions.get(&at(1), &stored(b"sealed", 2, 60)).is_none());
    assert!(sessions.get(&at(1), &stored(b"later", 3, 60)).is_some());
    sessions.forget(&at(1));
    assert!(sessions.get(&at(1), &stored(b"later", 3, 60)).is_none());
    assert_eq!(sessions.len_and_bytes(), (0, 0));
}

#[test]
fn sessions_take_an_eighth_of_the_bytes_of_tokens_and_none_where_no_token_is_remembered() {
    let (some, none) = (remembered(100), remembered(0));
    let (token, value) = ("t".repeat(1_000), vec![7; 3_000]);
    for number in 0..1_000 {
        some.insert(&at(number), stored(&value, 1, 60), &content(&token), NOW);
        none.insert(&at(number), stored(&value, 1, 60), &content(&token), NOW);
    }
    let (count, bytes) = some.len_and_bytes();
    assert!((100..170).contains(&count) && bytes <= BYTES / 8, "{count} of {bytes} bytes");
    // Three tokens, the value, and what it takes to hold them.
    assert!(bytes / count as u64 > 6_000, "{count} of {bytes} bytes");
    assert_eq!(none.len_and_bytes(), (0, 0));
    assert!(none.get(&at(0), &stored(&value, 1, 60)).is_none());
    some.insert(&at(7_000), stored(&vec![7; 2 << 20], 1, 60), &content(&token), NOW);
    assert!(some.get(&at(7_000), &stored(&vec![7; 2 << 20], 1, 60)).is_none(), "larger than all the room");
}

#[test]
fn sessions_that_are_over_go_as_others_come() {
    let (sessions, content) = (remembered(100), content("token"));
    let last = MIN_BETWEEN_SWEEPS as u32 - 1;
    for number in 0..last {
        sessions.insert(&at(number), stored(b"sealed", 1, 60), &content, NOW);
    }
    sessions.insert(&at(last), stored(b"sealed", 1, 60), &content, NOW.plus(60));
    assert_eq!(sessions.len_and_bytes().0, 1);
    assert!(sessions.get(&at(last), &stored(b"sealed", 1, 60)).is_some());
}
