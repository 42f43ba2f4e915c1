//! An app whose tree has two providers of cryptography, and that has chosen none. One test: a process chooses once.

mod redis;
#[path = "../support/mod.rs"]
mod support;

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;

#[rocket::async_test]
async fn an_app_with_two_providers_that_has_chosen_none_reaches_its_redis_by_tls() {
    // What the client of Redis calls, and what becomes of it in such an app.
    assert!(std::panic::catch_unwind(ClientConfig::builder).is_err(), "else this test shows nothing");
    assert!(CryptoProvider::get_default().is_none());
    if redis::launch().await.is_some() {
        assert!(CryptoProvider::get_default().is_some());
    }
}
