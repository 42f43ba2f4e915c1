//! What is remembered, for how long, and of whom: with forged keys in a file. Over HTTP it is in `tests/token/cache.rs`.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use self::forge::{CLIENT_ID, ISSUER, JwksFile, Key, claims, with};
use super::super::cache::MIN_BETWEEN_SWEEPS;
use super::*;
use crate::clock::{Clock, now};
use crate::config::{JwksSource, LevelNames};
use crate::http::HttpClient;
use crate::token::claims::TokenUse;

mod forge;

static FIRST: LazyLock<Key> = LazyLock::new(|| Key::new("first"));
static SECOND: LazyLock<Key> = LazyLock::new(|| Key::new("second"));
/// Another key of the same name.
static OTHER_FIRST: LazyLock<Key> = LazyLock::new(|| Key::new("first"));

/// A pool's published keys, and the judge of its access tokens.
struct World {
    published: JwksFile,
    issuers: [String; 1],
    client_ids: [String; 1],
    verifier: Verifier,
    /// Of the keys.
    clock: Clock,
}

impl World {
    async fn start(entries: u64, bytes: u64) -> Self {
        let published = JwksFile::new(&[&FIRST]);
        let source = JwksSource::File(published.path().to_owned());
        let clock = Clock::default();
        let jwks =
            Jwks::with_clock(source, HttpClient::for_urls([], None).unwrap(), &Arc::default(), clock.clone());
        jwks.refresh().await.unwrap();
        let verifier =
            Verifier::new(jwks, TokenCache { entries, bytes }, LevelNames::default(), &Arc::default());
        World { published, issuers: [ISSUER.to_owned()], client_ids: [CLIENT_ID.to_owned()], verifier, clock }
    }

    fn expected(&self) -> Expectations<'_> {
        Expectations {
            issuers: &self.issuers,
            client_ids: &self.client_ids,
            any_clients_audiences: &[],
            audiences: &[],
            token_use: Some(TokenUse::Access),
            leeway: 30,
            check_expiration: true,
            accepts_delegated: true,
        }
    }

    async fn verify(&self, jwt: &str, now: UnixSeconds) -> Result<Arc<VerifiedToken>, TokenError> {
        self.verifier.verify(jwt, &self.expected(), now).await.unwrap()
    }

    /// Whether the next check of the token costs no signature.
    fn remembers(&self, jwt: &str) -> bool {
        self.verifier.verified.get(jwt).is_some()
    }

    async fn publish(&self, keys: &[&Key]) {
        self.published.publish(keys);
        self.verifier.jwks().refresh().await.unwrap();
    }
}

fn token() -> String {
    FIRST.token(&claims())
}

/// The token with a signature that is none, one of many.
fn forged(token: &str, number: u16) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for (byte, change) in signature.iter_mut().zip((number + 1).to_le_bytes()) {
        *byte ^= change;
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn a_token_that_passed_is_remembered_and_one_that_did_not_is_not() {
    let world = World::start(100, 1 << 20).await;
    let (token, other) = (token(), token());
    let first = world.verify(&token, now()).await.unwrap();
    assert!(Arc::ptr_eq(&first, &world.verify(&token, now()).await.unwrap()), "the same, not a copy");
    assert!(world.remembers(&token) && !world.remembers(&other));

    let forged = forged(&token, 0);
    for _ in 0..2 {
        assert_eq!(world.verify(&forged, now()).await.err(), Some(TokenError::Signature));
        assert!(!world.remembers(&forged) && world.remembers(&token));
    }
}

#[tokio::test]
async fn a_remembered_token_counts_as_long_as_it_is_valid_and_for_what_is_expected() {
    let world = World::start(100, 1 << 20).await;
    let (start, resource) = (now(), "https://api.example.com");
    let claims = with(with(claims(), "nbf", json!(start.plus(100))), "aud", json!(resource));
    let token = FIRST.token(&with(claims, "exp", json!(start.plus(3600))));
    let resources = [resource.to_owned()];
    let expected = Expectations { audiences: &resources, ..world.expected() };
    let verify = async |now| world.verifier.verify(&token, &expected, now).await.unwrap().err();
    assert_eq!(verify(start.plus(200)).await, None);
    for (seconds, error) in
        [(3629, None), (70, None), (69, Some(TokenError::NotYetValid)), (3630, Some(TokenError::Expired))]
    {
        assert!(world.remembers(&token));
        assert_eq!(verify(start.plus(seconds)).await, error, "{seconds}");
    }

    let elsewhere = ["elsewhere".to_owned()];
    assert_eq!(verify(start.plus(200)).await, None);
    for (other, error) in [
        (Expectations { client_ids: &elsewhere, ..expected }, TokenError::Client),
        (Expectations { issuers: &elsewhere, ..expected }, TokenError::Issuer),
        (Expectations { audiences: &elsewhere, ..expected }, TokenError::Audience),
        (Expectations { audiences: &[], ..expected }, TokenError::Audience),
        (Expectations { token_use: Some(TokenUse::Id), ..expected }, TokenError::Use),
    ] {
        assert!(world.remembers(&token));
        let now = start.plus(200);
        assert_eq!(world.verifier.verify(&token, &other, now).await.unwrap().err(), Some(error));
        let on_demand = world.verifier.verify_on_demand(&token, &other, now).await;
        assert_eq!(on_demand.unwrap().err(), Some(error));
        assert!(world.verifier.recall(&token, &other, now).is_none());
        assert!(world.verifier.verify_at_once(&token, &other, now).is_none());
    }
    assert!(world.verifier.recall(&token, &expected, start.plus(200)).is_some());
}

#[tokio::test]
async fn a_token_that_has_expired_is_neither_remembered_nor_kept() {
    let world = World::start(100, 1 << 20).await;
    let token = token();
    let exp = world.verify(&token, now()).await.unwrap().claims.exp;
    let at_any_time = Expectations { check_expiration: false, ..world.expected() };

    assert!(world.verify(&token, exp.plus(29)).await.is_ok() && world.remembers(&token));
    assert_eq!(world.verify(&token, exp.plus(30)).await.err(), Some(TokenError::Expired));
    assert!(!world.remembers(&token), "of no use to anybody any more");
    for _ in 0..2 {
        let judgement = world.verifier.verify(&token, &at_any_time, exp.plus(30)).await;
        assert!(judgement.unwrap().is_ok() && !world.remembers(&token), "whose session it was");
        assert!(world.verifier.verify_at_once(&token, &at_any_time, exp.plus(30)).is_some());
        assert!(!world.remembers(&token));
    }

    assert!(world.verify(&token, exp.plus(29)).await.is_ok() && world.remembers(&token));
    let on_demand = world.verifier.verify_on_demand(&token, &world.expected(), exp.plus(30)).await;
    assert!(on_demand.unwrap().is_err() && !world.remembers(&token));
}

#[tokio::test]
async fn a_remembered_token_is_void_when_its_key_is_gone_and_lasts_while_it_is_there() {
    let world = World::start(100, 1 << 20).await;
    let token = token();
    world.verify(&token, now()).await.unwrap();
    world.publish(&[&SECOND, &FIRST]).await;
    assert!(world.remembers(&token) && world.verify(&token, now()).await.is_ok());

    world.publish(&[&SECOND]).await;
    assert!(world.verifier.recall(&token, &world.expected(), now()).is_none());
    assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::UnknownKey));
    assert!(!world.remembers(&token));
}

#[tokio::test]
async fn a_remembered_token_is_void_when_another_key_takes_the_name_of_its_own() {
    let world = World::start(100, 1 << 20).await;
    let (token, others) = (token(), OTHER_FIRST.token(&claims()));
    world.verify(&token, now()).await.unwrap();
    world.publish(&[&OTHER_FIRST]).await;
    assert!(world.remembers(&token) && world.verifier.recall(&token, &world.expected(), now()).is_none());
    assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::Signature));
    assert!(world.verify(&others, now()).await.is_ok());

    world.publish(&[&FIRST]).await;
    assert!(world.verify(&token, now()).await.is_ok(), "a key that is there again counts again");
    assert_eq!(world.verify(&others, now()).await.err(), Some(TokenError::Signature));
}

/// The check began before the keys changed, and ended afterwards.
#[tokio::test]
async fn a_token_that_is_remembered_too_late_for_its_key_does_not_count() {
    let world = World::start(100, 1 << 20).await;
    let (token, expected) = (token(), world.expected());
    let candidate = UnverifiedToken::parse(&token, &expected, now()).unwrap();
    let key = world.verifier.jwks().present_key(candidate.kid()).unwrap();
    world.publish(&[&SECOND]).await;
    world.verifier.remember(candidate.verify(&key, &LevelNames::default()), &expected, now()).unwrap();
    assert!(world.remembers(&token));
    assert!(world.verifier.recall(&token, &expected, now()).is_none() && !world.remembers(&token));
    assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::UnknownKey));
}

#[tokio::test]
async fn nothing_that_is_remembered_counts_when_the_keys_are_a_day_old() {
    let world = World::start(100, 1 << 20).await;
    let (token, unseen, expected) = (token(), token(), world.expected());
    world.verify(&token, now()).await.unwrap();
    let day = Duration::from_secs(24 * 3600);
    world.clock.advance(day - Duration::from_secs(60));
    assert!(world.remembers(&token) && world.verify(&token, now()).await.is_ok());

    world.clock.advance(Duration::from_secs(60));
    for token in [&token, &unseen] {
        let judgement = world.verifier.verify(token, &expected, now()).await;
        assert_eq!(judgement.map(|it| it.is_ok()), Err(KeysUnavailable));
        assert!(world.verifier.recall(token, &expected, now()).is_none());
        assert!(world.verifier.verify_at_once(token, &expected, now()).is_none());
    }
    world.publish(&[&FIRST]).await;
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token));
}

/// As soon as the key is there.
#[tokio::test]
async fn a_refusal_for_an_unknown_key_is_not_remembered() {
    let world = World::start(100, 1 << 20).await;
    let token = SECOND.token(&claims());
    for _ in 0..2 {
        assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::UnknownKey));
    }
    world.publish(&[&SECOND]).await;
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token));
}

#[tokio::test]
async fn tokens_are_remembered_within_bounds_of_number_and_bytes() {
    for (entries, bytes) in [(32, 1 << 30), (1 << 20, 64 * 1024)] {
        let world = World::start(entries, bytes).await;
        for _ in 0..200 {
            world.verify(&token(), now()).await.unwrap();
        }
        let (number, weight) = world.verifier.verified.len_and_bytes();
        assert!((1..=entries.min(200)).contains(&(number as u64)), "{number} of {entries}");
        assert!(weight <= bytes, "{weight} of {bytes}");
        assert!(number < 64, "{number}");
    }
    let world = World::start(1, 1 << 20).await;
    let token = token();
    assert!(world.verify(&token, now()).await.is_ok() && world.remembers(&token));
}

/// Short items take more memory than text.
#[tokio::test]
async fn lists_in_a_token_count_by_their_items() {
    let weight = async |claims: serde_json::Value| {
        let world = World::start(1_000, 1 << 20).await;
        let token = FIRST.token(&claims);
        world.verify(&token, now()).await.unwrap();
        let (number, weight) = world.verifier.verified.len_and_bytes();
        assert_eq!(number, 1);
        usize::try_from(weight).unwrap() - token.len() * 3 / 2
    };
    let least = weight(claims()).await;
    let (items, texts) = (500, vec!["a"; 500]);
    let actors = (0..20).fold(json!({}), |act, _| json!({ "act": act }));
    for (name, value, count) in
        [("cognito:groups", json!(texts), items), ("amr", json!(texts), items), ("act", actors, 20)]
    {
        let heavier = weight(with(claims(), name, value)).await;
        assert!(heavier >= least + count * 48, "{name}: {heavier} instead of {least}");
    }
}

/// An app whose tokens live for two seconds once kept them up to the bound.
#[tokio::test]
async fn tokens_that_have_expired_go_as_others_come() {
    let world = World::start(100_000, 1 << 30).await;
    let start = now();
    let lasting = token();
    world.verify(&lasting, start).await.unwrap();
    for second in 0..300 {
        let now = start.plus(second);
        for number in 0..3 {
            let short = with(claims(), "jti", json!(format!("{second} {number}")));
            let short = FIRST.token(&with(short, "exp", json!(now.plus(2))));
            world.verify(&short, now).await.unwrap();
            assert!(world.remembers(&short), "it counts for as long as its leeway");
        }
        // Two seconds and thirty of leeway.
        let living = 1 + 3 * 32;
        let (number, _) = world.verifier.verified.len_and_bytes();
        assert!(number <= 2 * living + MIN_BETWEEN_SWEEPS, "{number} after {second} seconds");
    }
    assert!(world.remembers(&lasting));
}

#[tokio::test]
async fn without_a_place_for_any_token_none_is_remembered_and_all_are_checked() {
    let world = World::start(0, 1 << 20).await;
    let token = token();
    for _ in 0..2 {
        assert!(world.verify(&token, now()).await.is_ok() && !world.remembers(&token));
    }
    assert_eq!(world.verify(&forged(&token, 0), now()).await.err(), Some(TokenError::Signature));
    assert_eq!(world.verify(&token, now().plus(3700)).await.err(), Some(TokenError::Expired));
    world.publish(&[&SECOND]).await;
    assert_eq!(world.verify(&token, now()).await.err(), Some(TokenError::UnknownKey));
}

/// Whoever sends them pays for a signature with each, and takes nobody's place.
#[tokio::test]
async fn a_flood_of_wrong_signatures_puts_nothing_in_and_pushes_nothing_out() {
    let world = World::start(8, 1 << 20).await;
    let tokens: Vec<_> = (0..100).map(|_| token()).collect();
    for token in &tokens {
        world.verify(token, now()).await.unwrap();
    }
    let kept = |token: &&String| world.remembers(token);
    let (before, size) =
        (tokens.iter().filter(kept).collect::<Vec<_>>(), world.verifier.verified.len_and_bytes());
    assert!((1..=8).contains(&before.len()), "it is full");
    for number in 0..2_000 {
        let forged = forged(&tokens[0], number);
        assert_eq!(world.verify(&forged, now()).await.err(), Some(TokenError::Signature), "{number}");
    }
    assert_eq!(world.verifier.verified.len_and_bytes(), size);
    assert_eq!(tokens.iter().filter(kept).collect::<Vec<_>>(), before);
}

#[tokio::test]
async fn what_is_verified_at_once_needs_keys_that_are_there() {
    let world = World::start(100, 1 << 20).await;
    let token = token();
    assert!(world.verifier.verify_at_once(&token, &world.expected(), now()).is_some());
    assert!(world.remembers(&token));
    let unknown = SECOND.token(&claims());
    assert!(world.verifier.verify_at_once(&unknown, &world.expected(), now()).is_none());
}
