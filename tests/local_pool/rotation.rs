//! Rotation of refresh tokens.

use rocket_cognito::local_pool::{LocalPool, LocalPoolConfig};
use serde_json::Value;

use crate::browser::*;

async fn start_with(change: impl FnOnce(LocalPoolConfig) -> LocalPoolConfig) -> LocalPool {
    LocalPool::start(change(config())).await.unwrap()
}

async fn rotating(grace: u32) -> LocalPool {
    start_with(|config| config.refresh_token_rotation(true).refresh_token_grace_seconds(grace)).await
}

/// The new refresh token.
fn successor(answer: &(u16, Value)) -> String {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["refresh_token"].as_str().unwrap().to_owned()
}

#[rocket::async_test]
async fn each_refresh_brings_a_new_refresh_token_and_without_grace_ends_the_old_one() {
    let pool = rotating(0).await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let first = browser.token(&redeem(&code)).await;
    let (mut token, mut seen) = (successor(&first), vec![]);
    for _ in 0..3 {
        let answer = browser.refresh(&token).await;
        assert_eq!(
            keys(&answer.1),
            ["access_token", "expires_in", "id_token", "refresh_token", "token_type"]
        );
        let [old, new] = [&first, &answer].map(|answer| part(answer.1["access_token"].as_str().unwrap(), 1));
        for kept in ["origin_jti", "auth_time", "sub", "scope", "cognito:groups"] {
            assert_eq!(old[kept], new[kept], "{kept}");
        }
        seen.push(std::mem::replace(&mut token, successor(&answer)));
        for old in &seen {
            assert_eq!(browser.refresh(old).await, invalid_grant());
        }
    }
    assert_eq!(browser.refresh(&token).await.0, 200, "their use after their time ends no session");
}

#[rocket::async_test]
async fn within_the_grace_the_old_refresh_token_works_again() {
    let pool = rotating(60).await;
    let browser = Browser::of(&pool);
    let first = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let [one, other] = [successor(&browser.refresh(&first).await), successor(&browser.refresh(&first).await)];
    assert_ne!(one, other);
    for token in [&first, &one, &other] {
        assert_eq!(browser.refresh(token).await.0, 200);
    }
}

#[rocket::async_test]
async fn of_parallel_refreshes_without_grace_one_wins() {
    let pool = rotating(0).await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let refresh = || browser.refresh(&token);
    let (a, b, c, d) = rocket::tokio::join!(refresh(), refresh(), refresh(), refresh());
    let (winners, losers): (Vec<_>, Vec<_>) =
        [a, b, c, d].into_iter().partition(|(status, _)| *status == 200);
    assert_eq!((winners.len(), losers.len()), (1, 3));
    assert!(losers.iter().all(|loser| *loser == invalid_grant()));
    assert_eq!(browser.refresh(&successor(&winners[0])).await.0, 200);
}

#[rocket::async_test]
async fn a_refused_refresh_spends_no_refresh_token() {
    let pool = rotating(0).await;
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let by_another: Vec<_> = form.into_iter().chain([("client_id", "spa")]).collect();
    assert_eq!(browser.token_by_form(&by_another).await, invalid_grant());
    let without_secret: Vec<_> = form.into_iter().chain([("client_id", "shop")]).collect();
    assert_eq!(browser.token_by_form(&without_secret).await.1["error"], "invalid_client");
    pool.disable_user("alice").unwrap();
    assert_eq!(browser.refresh(&token).await, invalid_grant());
    pool.enable_user("alice").unwrap();
    assert_eq!(browser.refresh(&token).await.0, 200);
}

#[rocket::async_test]
async fn revoking_any_refresh_token_of_a_session_ends_the_whole_session_and_no_other() {
    for (grace, which) in [(0, 0), (0, 1), (0, 2), (60, 0), (60, 2)] {
        let pool = rotating(grace).await;
        let browser = Browser::of(&pool);
        let [first, another] = [(); 2].map(|()| pool.sign_in("alice", "shop").unwrap().refresh_token);
        let second = successor(&browser.refresh(&first).await);
        let third = successor(&browser.refresh(&second).await);
        let session = [first, second, third];
        browser.revoke(&session[which]).await;
        for token in &session {
            assert_eq!(browser.refresh(token).await, invalid_grant(), "{grace} {which}");
        }
        assert_eq!(browser.refresh(&another).await.0, 200);
    }
}

#[rocket::async_test]
async fn what_cognito_would_not_allow_of_refresh_tokens_does_not_start() {
    let grace = "refresh_token_grace_seconds";
    let life = "refresh_token_seconds";
    let config = || LocalPoolConfig::default().port(0);
    for (config, word) in [
        (config().refresh_token_grace_seconds(61), grace),
        (config().refresh_token_seconds(0), life),
        (config().refresh_token_seconds(3650 * 86_400 + 1), life),
    ] {
        let text = LocalPool::start(config).await.unwrap_err().to_string();
        assert!(text.contains(word), "{text}");
    }
    let longest = start_with(|config| config.refresh_token_seconds(3650 * 86_400)).await;
    assert!(longest.sign_in("alice", "shop").is_some());
}

#[rocket::async_test]
async fn a_refresh_token_ends_with_its_life_however_often_it_was_replaced() {
    let pool = start_with(|config| config.refresh_token_rotation(true).refresh_token_seconds(1)).await;
    let browser = Browser::of(&pool);
    let mut token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let used_up = async {
        // Each refresh would renew a life that began anew.
        loop {
            match browser.refresh(&token).await {
                (200, answer) => token = answer["refresh_token"].as_str().unwrap().to_owned(),
                refused => return refused,
            }
        }
    };
    assert_eq!(in_time(used_up).await, invalid_grant());
}
