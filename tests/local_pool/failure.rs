//! A pool that fails on demand, or holds its answers back.

use rocket_cognito::local_pool::{Failure, LocalPool};

use crate::browser::*;

#[rocket::async_test]
async fn failures_look_like_cognitos() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let token = browser.url("/oauth2/token", &[]);
    for (failure, status, retry_after, content_type, word) in [
        (
            Failure::Throttled { retry_after: Some(7) },
            429,
            Some("7"),
            "application/json",
            "TooManyRequestsException",
        ),
        (Failure::Throttled { retry_after: None }, 429, None, "application/json", "TooManyRequestsException"),
        (Failure::Blocked, 403, None, "text/html; charset=utf-8", "<h1>403 Forbidden</h1>"),
        (Failure::ServerError, 500, None, "text/html; charset=utf-8", "<h1>500 Internal Server Error</h1>"),
        (Failure::Unavailable, 503, None, "text/html; charset=utf-8", "<h1>503 Service Unavailable</h1>"),
    ] {
        pool.fail("/oauth2/token", failure);
        let response = browser.post(token.clone(), &[]).send().await.unwrap();
        assert_eq!(response.status(), status);
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("retry-after"), retry_after);
        assert_eq!(header("content-type"), Some(content_type));
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        let body = response.text().await.unwrap();
        assert!(body.contains(word), "{body}");
    }
}

#[rocket::async_test]
async fn a_failing_endpoint_does_nothing_until_told_otherwise() {
    let pool = start().await;
    let mut browser = Browser::of(&pool);
    let code = browser.code("alice").await;
    let url = browser.url("/oauth2/token", &[]);
    let redeem = redeem(&code);
    let status = async || {
        let request = browser.post(url.clone(), &redeem).basic_auth("shop", Some(SECRET));
        request.send().await.unwrap().status().as_u16()
    };
    pool.fail("/oauth2/token", Failure::ServerError);
    for _ in 0..3 {
        assert_eq!(status().await, 500);
    }
    pool.fail_next("/oauth2/token", 2, Failure::Unavailable);
    assert_eq!([status().await, status().await, status().await], [503, 503, 200], "the code was not spent");
    assert_eq!(pool.requests("/oauth2/token"), 6);

    pool.fail("/oauth2/token", Failure::ServerError);
    pool.recover("/oauth2/token");
    assert_eq!(status().await, 400);
}

#[rocket::async_test]
async fn each_endpoint_fails_by_itself() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let well_known = format!("/{}/.well-known", pool.user_pool_id());
    let paths = [
        (format!("{well_known}/jwks.json"), 200),
        (format!("{well_known}/openid-configuration"), 200),
        ("/oauth2/authorize".into(), 302),
        ("/login".into(), 302),
        ("/logout".into(), 400),
        ("/error".into(), 400),
    ];
    for (path, _) in &paths {
        pool.fail(path, Failure::Unavailable);
        for (other, status) in &paths {
            let expected = if other == path { 503 } else { *status };
            assert_eq!(browser.get(other, &[]).await.status(), expected, "{other} while {path} fails");
        }
        pool.recover(path);
    }
    pool.fail("/nonsense", Failure::Unavailable);
    assert_eq!(browser.get("/nonsense", &[]).await.status(), 404);
    assert_eq!(browser.get("/failed", &[]).await.status(), 404, "no page of the pool's");
}

#[rocket::async_test]
async fn a_held_answer_comes_when_the_last_hold_is_dropped() {
    let pool = LocalPool::start(config().refresh_token_rotation(true)).await.unwrap();
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let [hold, other] = [(); 2].map(|()| pool.hold("/oauth2/token"));
    let refresh = browser.refresh(&token);
    rocket::tokio::pin!(refresh);
    rocket::tokio::select! {
        biased;
        _ = &mut refresh => panic!("it is held back"),
        () = in_time(hold.reached(1)) => {}
    }
    drop(hold);
    let jwks = in_time(jwks(&browser, &pool));
    rocket::tokio::select! {
        biased;
        _ = &mut refresh => panic!("it is still held back"),
        keys = jwks => assert_eq!(keys.len(), 2, "other endpoints answer"),
    }
    drop(other);
    let (status, answer) = in_time(refresh).await;
    assert_eq!(status, 200);
    let successor = answer["refresh_token"].as_str().unwrap();
    assert_eq!(in_time(browser.refresh(successor)).await.0, 200, "later ones are not held back");
}

#[rocket::async_test]
async fn an_answer_that_is_lost_has_rotated_the_token_all_the_same() {
    let pool = LocalPool::start(config().refresh_token_rotation(true)).await.unwrap();
    let browser = Browser::of(&pool);
    let token = pool.sign_in("alice", "shop").unwrap().refresh_token;
    let hold = pool.hold("/oauth2/token");
    rocket::tokio::select! {
        biased;
        _ = browser.refresh(&token) => panic!("it is held back"),
        () = in_time(hold.reached(1)) => {}
    }
    drop(hold);
    assert_eq!(browser.refresh(&token).await, invalid_grant());
}

#[rocket::async_test]
async fn a_pool_stops_while_it_holds_an_answer_back() {
    let pool = start().await;
    let browser = Browser::of(&pool);
    let hold = pool.hold("/error");
    let asking = browser.get_url(browser.url("/error", &[])).send();
    let asking = rocket::tokio::spawn(asking);
    in_time(hold.reached(1)).await;
    in_time(pool.stop()).await;
    assert!(in_time(asking).await.unwrap().is_err());
}
