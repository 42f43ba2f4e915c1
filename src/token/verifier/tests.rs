//! What is remembered, and for how long: with a local pool's tokens.
#![cfg(feature = "local-pool")]

use super::*;
use crate::clock::now;
use crate::config::JwksSource;
use crate::http::Http;
use crate::local_pool::{LocalClient, LocalPool, LocalPoolConfig};
use crate::token::TokenUse;

/// A pool, and its access tokens' judge.
struct World {
    pool: LocalPool,
    issuers: Vec<String>,
    client_ids: Vec<String>,
    verifier: Verifier,
}

impl World {
    async fn start(entries: u64, bytes: u64) -> Self {
        let config = LocalPoolConfig::default().port(0).client(LocalClient::new("shop"));
        let pool = LocalPool::start(config).await.unwrap();
        let url = format!("{}/.well-known/jwks.json", pool.issuer());
        let jwks = Jwks::new(JwksSource::Url(url), Http::for_urls([], None).unwrap());
        jwks.refresh().await.unwrap();
        let verifier = Verifier::new(jwks, TokenCache { entries, bytes });
        World { issuers: vec![pool.issuer()], client_ids: vec!["shop".into()], pool, verifier }
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            issuers: &self.issuers,
            client_ids: &self.client_ids,
            audiences: &[],
            token_use: Some(TokenUse::Access),
            leeway: 30,
            check_expiration: true,
        }
    }

    fn token(&self) -> String {
        self.pool.sign_in("alice", "shop").unwrap().access_token
    }

    async fn verify(&self, jwt: &str, now: u64) -> Result<Arc<VerifiedToken>, TokenError> {
        self.verifier.verify(jwt, &self.expected(), now).await.unwrap()
    }

    /// Whether the next check of the token costs no signature.
    fn remembers(&self, jwt: &str) -> bool {
        self.verifier.verified.get(jwt).is_some()
    }
}

#[tokio::test]
async fn a_token_that_passed_is_remembered_and_one_that_did_not_is_not() {
    let world = World::start(100, 1 << 20).await;
    let (token, other) = (world.token(), world.token());
    let first = world.verify(&token, now()).await.unwrap();
    assert!(Arc::ptr_eq(&first, &world.verify(&token, now()).await.unwrap()), "the same, not a copy");
    assert!(world.remembers(&token) && !world.remembers(&other));

    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{signature}");
    for _ in 0..2 {
        assert_eq!(world.verify(&forged, now()).await.err(), Some(TokenError::Signature));
        assert!(!world.remembers(&forged));
    }
}

#[tokio::test]
async fn a_remembered_token_counts_as_long_as_it_is_valid_and_for_what_is_expected() {
    let world = World::start(100, 1 << 20).await;
    let token = world.token();
    let exp = world.verify(&token, now()).await.unwrap().claims.exp;
    assert!(world.verify(&token, exp + 29).await.is_ok());
    assert_eq!(world.verify(&token, exp + 30).await.err(), Some(TokenError::Expired));
    assert_eq!(world.verify(&token, now() - 3600).await.err(), Some(TokenError::NotYetValid));
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token));

    let elsewhere = ["elsewhere".to_owned()];
    for (expected, error) in [
        (Expected { client_ids: &elsewhere, ..world.expected() }, TokenError::Client),
        (Expected { issuers: &elsewhere, ..world.expected() }, TokenError::Issuer),
        (Expected { token_use: Some(TokenUse::Id), ..world.expected() }, TokenError::Use),
    ] {
        assert_eq!(world.verifier.verify(&token, &expected, now()).await.unwrap().err(), Some(error));
        assert!(world.verifier.recall(&token, &expected, now()).is_none());
        assert!(world.verifier.verify_at_once(&token, &expected, now()).is_none());
    }
    assert!(world.verifier.recall(&token, &world.expected(), now()).is_some());
}

#[tokio::test]
async fn a_remembered_token_is_void_when_its_key_is_gone_and_lasts_while_it_is_there() {
    let world = World::start(100, 1 << 20).await;
    let token = world.token();
    world.verify(&token, now()).await.unwrap();

    world.pool.rotate_keys();
    world.verifier.jwks().refresh().await.unwrap();
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token), "it is published still");

    world.pool.forget_old_keys();
    world.verifier.jwks().refresh().await.unwrap();
    assert!(world.verifier.recall(&token, &world.expected(), now()).is_none());
    assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::UnknownKey));
    assert!(!world.remembers(&token));
}

#[tokio::test]
async fn tokens_are_remembered_within_bounds_of_number_and_bytes() {
    for (entries, bytes) in [(32, 1 << 30), (1 << 20, 64 * 1024)] {
        let world = World::start(entries, bytes).await;
        for _ in 0..200 {
            world.verify(&world.token(), now()).await.unwrap();
        }
        let (number, weight) = world.verifier.verified.len_and_bytes();
        assert!((1..=entries.min(200)).contains(&(number as u64)), "{number} of {entries}");
        assert!(weight <= bytes, "{weight} of {bytes}");
        assert!(number < 64, "{number}");
    }
    let world = World::start(1, 1 << 20).await;
    let token = world.token();
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token));
    let world = World::start(0, 1 << 20).await;
    let token = world.token();
    assert!(world.verify(&token, now()).await.is_ok() && !world.remembers(&token));
}

#[tokio::test]
async fn what_is_verified_at_once_needs_keys_that_are_there() {
    let world = World::start(100, 1 << 20).await;
    let token = world.token();
    assert!(world.verifier.verify_at_once(&token, &world.expected(), now()).is_some());
    assert!(world.remembers(&token));
    world.pool.rotate_keys();
    assert!(world.verifier.verify_at_once(&world.token(), &world.expected(), now()).is_none());
}
