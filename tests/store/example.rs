//! The store of the example, which was written by what the documentation says.

use std::time::Duration;

use rocket_cognito::store::suite;

#[allow(dead_code, reason = "the app around the store runs in tests/examples")]
#[path = "../../examples/session_store.rs"]
mod session_store;

#[rocket::async_test]
async fn the_store_of_the_example_does_what_sessions_need() {
    let store = session_store::MapStore::default();
    suite::judge(store, suite::RealTime::in_units_of(Duration::from_millis(40))).await.unwrap();
}
