//! Refresh tokens for new tokens, on demand and when that is due.

use std::time::Duration;

use rocket_cognito::client::{ClientError, TokenSet};
use rocket_cognito::local_pool::Failure;
use serde_json::json;

use crate::support::forge::{Key, access_claims, with, without};
use crate::support::stub::{Answer, Stub};
use crate::world::*;

#[rocket::async_test]
async fn without_rotation_the_refresh_token_stays_in_the_tokens() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let refreshed = world.client.refresh(tokens.refresh_token().unwrap(), now()).await.unwrap();
    assert_eq!(refreshed.refresh_token(), tokens.refresh_token());
    assert_ne!(refreshed.access_token(), tokens.access_token());
    let user = world.client.verify_access_token(refreshed.access_token(), now()).await.unwrap();
    assert_eq!((user.username(), user.expires_at()), ("alice", refreshed.expires_at()));
    assert!(world.client.verify_id_token(refreshed.id_token().unwrap(), None, now()).await.is_ok());
}

#[rocket::async_test]
async fn with_rotation_a_new_one_replaces_it() {
    let world = World::of(config().refresh_token_rotation(true)).await;
    let first = world.tokens("alice").refresh_token().unwrap().to_owned();
    let second = world.client.refresh(&first, now()).await.unwrap();
    assert_ne!(second.refresh_token().unwrap(), first);
    assert_eq!(kind(world.client.refresh(&first, now()).await), "grant");
    assert!(world.client.refresh(second.refresh_token().unwrap(), now()).await.is_ok());
}

#[rocket::async_test]
async fn only_the_clients_own_refresh_tokens_work_and_none_is_spent_without_keys() {
    let world = World::of(config().refresh_token_rotation(true)).await;
    let token = world.tokens("alice").refresh_token().unwrap().to_owned();
    assert_eq!(kind(world.client_of("spa").refresh(&token, now()).await), "grant");
    assert_eq!(kind(world.client.refresh("made-up", now()).await), "grant");

    world.pool.fail(&keys_path(&world.pool), Failure::Unavailable);
    let (client, asked) = (world.client_of("web"), world.pool.requests(TOKEN));
    assert_eq!(kind(client.refresh(&token, now()).await), "unavailable");
    let due = world.tokens("bob");
    assert_eq!(kind(client.renew_if_due(&due, due.expires_at()).await), "unavailable");
    assert_eq!(world.pool.requests(TOKEN), asked);
    assert!(world.client.refresh(&token, now()).await.is_ok(), "not spent");
}

#[rocket::async_test]
async fn tokens_are_renewed_ahead_of_expiry_and_at_any_time_after_it() {
    let world = World::start().await;
    let longer = world.client_with(&[("refresh_ahead_seconds", "600")]);
    let never = world.client_with(&[("refresh_ahead_seconds", "0")]);
    let tokens = world.tokens("alice");
    // They live for 3600 seconds; a few may pass meanwhile.
    for (seconds, client, is_due) in [
        (0, &world.client, false),
        (3480, &world.client, false),
        (3510, &world.client, true),
        (2980, &longer, false),
        (3000, &longer, true),
        (3580, &never, false),
        (3600, &never, true),
        (3600, &world.client, true),
        (80_000, &world.client, true),
    ] {
        let now = world.in_seconds(seconds);
        let before = world.pool.requests(TOKEN);
        let renewed = client.renew_if_due(&tokens, now).await.unwrap();
        assert_eq!(renewed.is_some(), is_due, "{seconds}");
        assert_eq!(world.pool.requests(TOKEN) - before, u64::from(is_due), "{seconds}");
        let Some(renewed) = renewed else { continue };
        assert_eq!(renewed.refresh_token(), tokens.refresh_token());
        assert!(renewed.id_token().is_some() && renewed.expires_at() > now + Duration::from_secs(3500));
        let user = client.verify_access_token(renewed.access_token(), now).await.unwrap();
        assert_eq!(user.sub(), claims(tokens.access_token())["sub"]);
        assert!(client.renew_if_due(&renewed, now).await.unwrap().is_none(), "once is enough");
    }
}

#[rocket::async_test]
async fn tokens_that_live_shorter_than_that_are_not_renewed_with_each_call() {
    let world = World::of(config().access_token_seconds(60)).await;
    let tokens = world.tokens("alice");
    for (seconds, is_due) in [(0, false), (30, false), (40, true)] {
        let renewed = world.client.renew_if_due(&tokens, world.in_seconds(seconds)).await.unwrap();
        assert_eq!(renewed.is_some(), is_due, "{seconds}");
    }
}

/// A rotation of the pool's keys ends no identity that is kept elsewhere.
#[rocket::async_test]
async fn tokens_whose_key_is_gone_are_renewed_all_the_same() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    world.pool.rotate_keys();
    world.pool.forget_old_keys();
    let now = world.in_seconds(4000);
    let renewed = world.client.renew_if_due(&tokens, now).await.unwrap().expect("new tokens");
    let user = world.client.verify_access_token(renewed.access_token(), now).await.unwrap();
    assert_eq!(user.sub(), claims(tokens.access_token())["sub"]);
}

#[rocket::async_test]
async fn without_a_refresh_token_there_is_nothing_to_renew() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let bare = TokenSet::new(tokens.access_token(), tokens.expires_at());
    assert!(world.client.renew_if_due(&bare, later(9999)).await.unwrap().is_none());
    assert_eq!((world.pool.requests(TOKEN), world.key_fetches()), (0, 0));
}

/// The tokens with another refresh token, renewed when they have expired.
async fn renew(world: &World, tokens: &TokenSet, refresh: &str) -> Result<Option<TokenSet>, ClientError> {
    let mixed = TokenSet::new(tokens.access_token(), tokens.expires_at()).with_refresh_token(refresh);
    world.client.renew_if_due(&mixed, world.in_seconds(4000)).await
}

#[rocket::async_test]
async fn whose_tokens_they_are_never_changes() {
    let world = World::start().await;
    let [alice, bob] = ["alice", "bob"].map(|name| world.tokens(name));
    let of_spa = kept(&world.pool.sign_in("alice", "spa").unwrap());
    let [hers, his] = [&alice, &bob].map(|tokens| tokens.refresh_token().unwrap());
    let told = text("token", renew(&world, &alice, his).await);
    assert!(told.contains("another `sub`"), "{told}");
    assert!(renew(&world, &alice, hers).await.unwrap().is_some());

    let asked = world.pool.requests(TOKEN);
    let id_token = TokenSet::new(alice.id_token().unwrap(), alice.expires_at());
    assert_eq!(kind(renew(&world, &id_token, hers).await), "token");
    let nonsense = TokenSet::new("nonsense", alice.expires_at());
    assert_eq!(kind(renew(&world, &nonsense, hers).await), "token");
    assert_eq!(kind(renew(&world, &of_spa, hers).await), "token");
    assert_eq!(world.pool.requests(TOKEN), asked, "nothing was spent");
}

/// F3: longer than an app lets its visitors wait.
#[rocket::async_test]
async fn an_answer_that_takes_nine_seconds_is_waited_for() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let hold = world.pool.hold(TOKEN);
    let slowly = async {
        hold.reached(1).await;
        tokio::time::sleep(Duration::from_secs(9)).await;
        drop(hold);
    };
    let (refreshed, ()) = tokio::join!(world.client.refresh(tokens.refresh_token().unwrap(), now()), slowly);
    assert_eq!(kind(refreshed), "none");
}

#[rocket::async_test]
async fn the_end_of_a_session_is_told_apart_from_an_outage() {
    let world = World::start().await;
    let tokens = world.tokens("alice");
    let refresh_token = tokens.refresh_token().unwrap();
    world.pool.fail_next(TOKEN, 1, Failure::Throttled { retry_after: Some(3) });
    let error = renew(&world, &tokens, refresh_token).await.unwrap_err();
    assert_eq!((error.is_unavailable(), error.retry_after()), (true, Some(Duration::from_secs(3))));
    assert!(renew(&world, &tokens, refresh_token).await.unwrap().is_some());

    world.pool.disable_user("alice").unwrap();
    assert_eq!(kind(renew(&world, &tokens, refresh_token).await), "grant");
    world.pool.enable_user("alice").unwrap();
    world.client.revoke(refresh_token).await.unwrap();
    assert_eq!(kind(renew(&world, &tokens, refresh_token).await), "grant");
    assert_eq!(kind(world.client.refresh(refresh_token, now()).await), "grant");
}

#[rocket::async_test]
async fn answers_that_are_no_tokens_or_do_not_count_are_refused() {
    let (key, stranger) = (Key::new("key"), Key::new("key"));
    let stub = Stub::start(Answer::Hang).await;
    let client = forged(&key, &stub.url(""), &[]);
    let answer = |access: String| json!({ "access_token": access, "token_type": "Bearer" });
    let good = key.token(&access_claims());
    for (expected, answer) in [
        ("none", answer(good.clone()).to_string()),
        ("token", answer(stranger.token(&access_claims())).to_string()),
        ("token", answer(key.token(&with(access_claims(), "token_use", json!("id")))).to_string()),
        ("token", answer(key.token(&without(access_claims(), "exp"))).to_string()),
        ("unavailable", with(answer(good.clone()), "error", json!("invalid_grant")).to_string()),
        ("unavailable", with(answer(good.clone()), "token_type", json!("MAC")).to_string()),
        ("unavailable", without(answer(good), "access_token").to_string()),
        ("unavailable", "<html>".to_owned()),
    ] {
        stub.set(Answer::ok(&answer));
        assert_eq!(kind(client.refresh("x", now()).await), expected, "{answer}");
    }
}

#[test]
fn tokens_can_be_kept_as_data() {
    let bare = TokenSet::new("an access token", at(1_700_000_000));
    let full = bare.clone().with_id_token("an ID token").with_refresh_token("a refresh token");
    for (tokens, members) in [(&bare, 2), (&full, 4)] {
        let data = serde_json::to_value(tokens).unwrap();
        assert_eq!(data.as_object().unwrap().len(), members);
        let kept: TokenSet = serde_json::from_value(data).unwrap();
        assert_eq!(kept.access_token(), tokens.access_token());
        assert_eq!(kept.id_token(), tokens.id_token());
        assert_eq!(kept.refresh_token(), tokens.refresh_token());
        assert_eq!(kept.expires_at(), at(1_700_000_000));
    }
    assert!(serde_json::from_value::<TokenSet>(json!({ "access_token": "x" })).is_err());
}
