//! A session that was opened is remembered, and the store has the last word about it all the same.

use rocket_cognito::store::SessionStore;

use super::places::place;
use super::world::{Fleet, address, rotating};
use crate::support::agent::answer;
use crate::support::kind::{Kind, each_store};

each_store!(a_remembered_session_counts_only_while_the_store_holds_the_same);
async fn a_remembered_session_counts_only_while_the_store_holds_the_same(kind: Kind) {
    let fleet = Fleet::start(kind, rotating(0), 1).await;
    let agent = fleet.signed_in("alice").await;
    let is_served = async |what: &str, expected: bool| {
        let expected = if expected { (200, String::new()) } else { (401, "session_expired".into()) };
        assert_eq!(answer(&fleet.get(&agent, "/me").await), expected, "{what}");
    };
    is_served("signed in", true).await;
    let value = fleet.stored(&agent).await.unwrap().value;
    for position in [0, 1, value.len() / 2, value.len() - 1] {
        let mut changed = value.clone();
        changed[position] ^= 1;
        place(&fleet, &agent, &changed, 1).await;
        is_served("a byte differs", false).await;
        place(&fleet, &agent, &value, 1).await;
        is_served("as it was", true).await;
    }
    place(&fleet, &agent, &value, 2).await;
    is_served("another generation", false).await;
    place(&fleet, &agent, &value, 1).await;
    is_served("as it was", true).await;
    fleet.store.inner.remove(&address(&agent), None).await.unwrap();
    is_served("removed by another process", false).await;
}

each_store!(a_remembered_session_ends_at_its_limits);
async fn a_remembered_session_ends_at_its_limits(kind: Kind) {
    for limit in ["session_idle_seconds", "session_max_seconds"] {
        let fleet = Fleet::start(kind, rotating(0).set(limit, 600), 1).await;
        let agent = fleet.signed_in("alice").await;
        let value = fleet.stored(&agent).await.unwrap().value;
        // The store itself would keep it for longer.
        place(&fleet, &agent, &value, 1).await;
        // So soon nobody notes that the user was seen.
        for (seconds, status) in [(0, 200), (100, 200), (501, 401)] {
            fleet.advance(seconds);
            assert_eq!(fleet.get(&agent, "/me").await.status, status, "{limit}: {seconds} seconds later");
        }
        assert!(fleet.stored(&agent).await.is_none(), "{limit}: it is removed");
    }
}
