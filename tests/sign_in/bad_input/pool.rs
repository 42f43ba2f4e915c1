//! A pool that is down, or that knows the app otherwise than the app thinks.

use super::assert_refused;
use crate::support::agent::Agent;
use crate::support::app::{App, SECRET, Setup, code_for};
use crate::support::rig::{REFRESH, Reply, Rig};

#[rocket::async_test]
async fn a_pool_that_is_down_during_a_sign_in_asks_to_try_again() {
    let app = App::start().await;
    let (agent, script) = (Agent::new(), Agent::new());
    let callbacks = [app.begin(&agent, "/me").await, app.begin(&script, "/me").await];
    let App { server, pool, .. } = app;
    pool.stop().await;

    let page = agent.open(&callbacks[0]).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"));
    for words in ["Sign-in is unavailable", "again in 5 seconds", "href=\"/auth/login?next=%2Fme\""] {
        assert!(page.body.contains(words), "{words} is not in:\n{}", page.body);
    }
    assert!(agent.cookies().is_empty(), "the attempt is over, and there is no session");
    assert_refused(&script.get(&callbacks[1]).await, 503, "pool_unavailable", "for programs");

    assert_eq!(agent.get(&server.url("/auth/login")).await.status, 303, "another try may begin");
}

#[rocket::async_test]
async fn a_client_that_the_pool_knows_otherwise_is_the_operators_business() {
    let wrong = |secret: &str| Setup::new().set("client_secret", secret);
    for (what, setup) in [
        ("a wrong secret", wrong("wrong")),
        ("no secret", wrong("")),
        ("half a secret", wrong(&SECRET[..5])),
        ("a secret too many", Setup::new().public_client().set("client_secret", "x")),
    ] {
        let app = setup.start().await;
        let agent = Agent::new();
        let callback = app.begin(&agent, "/me").await;
        let page = agent.open(&callback).await;
        assert_eq!(page.status, 503, "{what}");
        assert!(page.body.contains("Sign-in is not set up correctly") && page.body.contains("the log"));
        assert!(!page.body.contains(SECRET));

        let callback = app.begin(&agent, "/me").await;
        assert_refused(&agent.get(&callback).await, 503, "sign_in_misconfigured", what);
        assert_eq!(app.exchanges(), 2);
        assert_eq!(agent.get(&app.url("/me")).await.status, 401);
    }
}

#[rocket::async_test]
async fn an_unregistered_callback_is_told_on_the_pools_page() {
    let elsewhere = "http://localhost:1/somewhere/else";
    for (setup, words) in [
        (Setup::new().set("redirect_url", elsewhere), vec![elsewhere, "/auth/callback", "redirect_uri"]),
        (Setup::new().set("client_id", "nobody"), vec!["nobody", "client_id"]),
    ] {
        let app = setup.start().await;
        let page = Agent::new().follow(&app.url("/auth/login")).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (400, "/error"));
        assert!(page.url.as_str().starts_with(&app.pool.base_url()));
        for word in words {
            assert!(page.body.contains(word), "{word} is not in:\n{}", page.body);
        }
    }
}

#[rocket::async_test]
async fn an_unregistered_sign_out_url_is_told_on_the_pools_page() {
    let app = Setup::new().set("logout_url", "http://localhost:1/bye").start().await;
    let agent = app.signed_in("alice").await;
    let answer = agent.post(&app.url("/auth/logout"), &[("origin", &app.origin())], &[]).await;
    assert!(agent.cookies().is_empty(), "signed out here in any case");
    let page = agent.follow(&answer.location()).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (400, "/error"));
    assert!(page.body.contains("http://localhost:1/bye") && page.body.contains("logout_uri"));
}

#[rocket::async_test]
async fn a_scope_that_the_client_lacks_is_the_operators_business() {
    let app = Setup::new().set("scopes", "openid shop/read").start().await;
    let agent = Agent::new();
    let page = agent.follow(&app.url("/auth/login")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (503, "/auth/callback"));
    assert!(page.body.contains("Sign-in is not set up correctly"), "{}", page.body);
    assert!(agent.cookies().is_empty());
    assert_eq!(app.exchanges(), 0);
}

/// A client of the same name at another pool, such as a copy for staging, with the same keys for cookies.
#[rocket::async_test]
async fn a_refresh_token_of_another_pool_is_not_sent_to_this_one() {
    let keys = ("cognito.secret_keys", "0123456789abcdefghijklmnopqrstuvwxyz");
    let ours = Rig::start_with(|settings| settings.merge(keys)).await;
    let issuer = ("cognito.issuer", "https://another.example/pool");
    let theirs = Rig::start_with(|settings| settings.merge(keys).merge(issuer)).await;
    let attempt = ours.begin().await;
    ours.deliver(&attempt, Reply::json(200, &ours.tokens(&attempt))).await;
    let refresh = attempt.agent.cookie("cognito_refresh_token").unwrap();

    let same_origin = [("sec-fetch-site", "same-origin")];
    let stranger = Agent::new();
    stranger.set_cookie("cognito_refresh_token", &refresh);
    stranger.post(&theirs.app.url("/auth/logout"), &same_origin, &[]).await;
    assert!(stranger.cookies().is_empty(), "it is removed all the same");
    assert_eq!(theirs.revoked(), [""; 0]);
    attempt.agent.post(&ours.app.url("/auth/logout"), &same_origin, &[]).await;
    assert!(ours.revoked().contains(&REFRESH.to_owned()), "the control");
}

#[rocket::async_test]
async fn two_apps_at_one_pool_do_not_take_each_others_sessions() {
    let app = App::start().await;
    let agent = app.signed_in("alice").await;
    let stranger = App::start().await;
    // Ports share cookies: the other app sees ours, and they are of another pool.
    let page = agent.get(&stranger.url("/me")).await;
    assert!(page.status == 401 && page.body.contains("session_expired"), "{}", page.body);
    let login = agent.open(&stranger.url("/auth/login?next=/me")).await;
    let page = agent.follow(&code_for(&agent, &login, "bob").await).await;
    assert_eq!(page.status, 200);
}
