//! An app whose tree has two providers of cryptography, and that has chosen one. One test: a process chooses once.

mod redis;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};

#[rocket::async_test]
async fn an_app_that_has_chosen_another_provider_reaches_its_redis_by_tls_and_keeps_its_choice() {
    ring::default_provider().install_default().unwrap();
    let chosen = Arc::clone(CryptoProvider::get_default().unwrap());
    redis::launch().await;
    assert!(Arc::ptr_eq(CryptoProvider::get_default().unwrap(), &chosen));
}
