//! How sessions end that others have: one, all but one, all.

use std::time::Duration;

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket::{get, routes};
use rocket_cognito::hooks::HookDecision;
use rocket_cognito::store::StoreError;
use rocket_cognito::{Callback, Sessions};

use super::listing::{SID, World, assert_says, send_with_token};
use crate::support::SAME_ORIGIN;
use crate::support::agent::{Agent, answer};
use crate::support::app::{CLIENT, Setup};

#[get("/auth/callback")]
async fn own_callback(callback: Callback, sessions: Sessions) -> Result<Callback, StoreError> {
    sessions.end_others(callback.user()).await?;
    Ok(callback)
}

#[rocket::async_test]
async fn one_session_ends_at_every_instance_and_the_others_go_on() {
    let world = World::start(Setup::new()).await;
    let other = world.another(|figment| figment).await;
    let (here, there) = (world.app.signed_in("alice").await, world.app.signed_in("alice").await);
    let bob = world.app.signed_in("bob").await;
    let id = world.id(&there).await;
    let url = other.url(&format!("/sessions/end?id={id}"));
    for ended in ["1", "0"] {
        assert_says(&here.post(&url, &SAME_ORIGIN, &[]).await, ended);
    }
    world.assert_ended([&there], [&here, &bob]).await;
    world.revoked(1).await;
    // One's own is no exception; the cookie counts for nothing.
    let own = format!("/sessions/end?id={}", world.id(&here).await);
    assert_says(&world.post(&here, &own).await, "1");
    world.assert_ended([&here], [&bob]).await;
    world.revoked(2).await;
}

/// S2: an id is of use to nobody else.
#[rocket::async_test]
async fn an_id_of_another_user_or_of_no_form_ends_nothing() {
    let world = World::start(Setup::new()).await;
    let (alice, bob) = (world.app.signed_in("alice").await, world.app.signed_in("bob").await);
    let id = world.id(&bob).await;
    let cookie = bob.cookie(SID).unwrap();
    let secret = cookie.rsplit('.').next().unwrap();
    let (own, nobodys) = (world.id(&alice).await, "A".repeat(43));
    let forms = [String::new(), "..".into(), format!("{own}A"), format!("{own}%3D"), own[1..].into()];
    for wrong in forms.iter().chain([&cookie, &format!("%20{own}"), &"A".repeat(10_000)]) {
        assert_says(&world.post(&alice, &format!("/sessions/end?id={wrong}")).await, "0");
    }
    assert_eq!(world.store.calls("remove"), 0, "another form costs no call");
    for wrong in [id.as_str(), secret, &nobodys] {
        assert_says(&world.post(&alice, &format!("/sessions/end?id={wrong}")).await, "0");
    }
    world.assert_ended([], [&alice, &bob]).await;
    assert_eq!(world.app.revocations(), 0);
}

#[rocket::async_test]
async fn sign_out_everywhere_else_keeps_the_session_that_asks() {
    let world = World::start(Setup::new()).await;
    let agents = join_all((0..4).map(|_| world.app.signed_in("alice"))).await;
    let bob = world.app.signed_in("bob").await;
    let tokens = join_all(agents.iter().map(|agent| world.token(agent))).await;
    for ended in ["3", "0"] {
        assert_says(&world.post(&agents[2], "/sessions/end-others").await, ended);
    }
    world.assert_ended([&agents[0], &agents[1], &agents[3]], [&agents[2], &bob]).await;
    world.revoked(3).await;
    let accepted = join_all(tokens.iter().map(|token| world.pool_accepts(token))).await;
    assert_eq!(accepted, [false, false, true, false]);
    assert_eq!(world.list(&agents[2]).await.len(), 1);
}

#[rocket::async_test]
async fn without_a_session_to_keep_all_of_them_end() {
    let world = World::start(Setup::new()).await;
    let bob = world.app.signed_in("bob").await;
    let mut revoked = 0;
    for way in ["handle", "bearer", "bearer beside a cookie", "bob's cookie"] {
        let alice = [world.app.signed_in("alice").await, world.app.signed_in("alice").await];
        let token = world.app.pool.sign_in("alice", CLIENT).unwrap().access_token;
        let bearer = format!("Bearer {token}");
        let with_token = [("authorization", bearer.as_str())];
        let url = world.app.url("/sessions/end-others");
        let page = match way {
            "handle" => world.post(&alice[0], "/handle/end-others").await,
            "bearer" => Agent::new().post(&url, &with_token, &[]).await,
            "bearer beside a cookie" => alice[0].post(&url, &with_token, &[]).await,
            _ => bob.post(&url, &with_token, &[]).await,
        };
        assert_says(&page, "2");
        world.assert_ended(&alice, [&bob]).await;
        revoked += 2;
        world.revoked(revoked).await;
    }
}

/// The new session has no cookie yet, and is the one to keep all the same.
#[rocket::async_test]
async fn who_signs_in_may_be_signed_out_everywhere_else() {
    let own = World::start_with(
        Setup::new().set("routes", ["login", "logout"]),
        |rocket| rocket.mount("/", routes![own_callback]),
        |fairing| fairing,
    );
    let hooked = World::start_with(
        Setup::new(),
        |rocket| rocket,
        |fairing| {
            fairing.on_login(|request, login| {
                Box::pin(async move {
                    let sessions = request.guard::<Sessions>().await.succeeded().ok_or("no store")?;
                    sessions.end_others(login.user()).await?;
                    Ok(HookDecision::Proceed)
                })
            })
        },
    );
    for world in [own.await, hooked.await] {
        let bob = world.app.signed_in("bob").await;
        let (first, second) = (world.app.signed_in("alice").await, world.app.signed_in("alice").await);
        world.assert_ended([&first], [&second, &bob]).await;
        world.revoked(1).await;
        // The same browser once more.
        let callback = world.app.begin(&second, "/me").await;
        assert_eq!(second.follow(&callback).await.status, 200);
        assert_eq!(world.list(&second).await.len(), 1);
        world.revoked(2).await;
    }
}

#[rocket::async_test]
async fn a_store_out_of_reach_is_an_error_and_never_a_number() {
    let world = World::start(Setup::new()).await;
    let alice = world.app.signed_in("alice").await;
    let (id, sub) = (world.id(&alice).await, world.sub(&alice).await);
    let end = format!("/sessions/end?id={id}");
    let (list_of, end_all_of) = (format!("/users/{sub}/sessions"), format!("/users/{sub}/end-sessions"));
    world.store.set_down(true);
    for (method, path) in [
        (Method::GET, "/sessions"),
        (Method::POST, end.as_str()),
        (Method::POST, "/sessions/end-others"),
        (Method::POST, "/sessions/end-all"),
        (Method::GET, &list_of),
        (Method::POST, &end_all_of),
    ] {
        let page = world.by_bearer(method, path).await;
        assert_eq!(answer(&page), (503, "sessions_unavailable".into()), "{path}");
        assert_ne!(page.header("retry-after"), "", "{path}");
    }
    world.store.set_down(false);
    world.assert_ended([], [&alice]).await;
    assert_eq!(world.app.revocations(), 0);

    // Nobody knows how many, though they have ended.
    world.store.lose_answers(true);
    let page = world.by_bearer(Method::POST, "/sessions/end-all").await;
    assert_eq!(answer(&page), (503, "sessions_unavailable".into()));
    world.store.lose_answers(false);
    world.assert_ended([&alice], []).await;
}

/// Cognito takes so many calls a second.
#[rocket::async_test]
async fn tokens_are_revoked_eight_at_a_time_and_nobody_waits_for_it() {
    let world = World::start(Setup::new()).await;
    let agents = join_all((0..20).map(|_| world.app.signed_in("alice"))).await;
    let hold = world.app.pool.hold("/oauth2/revoke");
    assert_says(&world.post(&agents[0], "/sessions/end-all").await, "20");
    hold.reached(8).await;
    assert_eq!(world.app.revocations(), 8);
    drop(hold);
    world.revoked(20).await;
}

/// Revocations wait for one another, longer than a visitor who signs out would.
#[rocket::async_test]
async fn no_token_is_left_unrevoked_where_several_users_are_signed_out_at_once() {
    let world = World::start(Setup::new()).await;
    let mut ends = Vec::new();
    for user in ["alice", "bob", "carol"] {
        let agents = join_all((0..8).map(|_| world.app.signed_in(user))).await;
        ends.push(world.app.url(&format!("/users/{}/end-sessions", world.sub(&agents[0]).await)));
    }
    let hold = world.app.pool.hold("/oauth2/revoke");
    for end in &ends {
        assert_says(&Agent::new().post(end, &[], &[]).await, "8");
    }
    hold.reached(8).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    drop(hold);
    world.revoked(24).await;
}

/// T43: with `bearer_denylist` the bearer tokens of sessions that end go with them.
#[rocket::async_test]
async fn bearer_tokens_of_ended_sessions_are_refused_where_the_settings_say_so() {
    for is_on in [false, true] {
        let world = World::start(Setup::new().set("bearer_denylist", is_on)).await;
        let (alice, other) = (world.app.signed_in("alice").await, world.app.signed_in("alice").await);
        let (kept, ended) = (world.token(&alice).await, world.token(&other).await);
        assert_says(&world.post(&alice, "/sessions/end-others").await, "1");
        // Its bearer tokens are refused before that.
        world.revoked(1).await;
        let url = world.app.url("/me");
        let page = send_with_token(&url, Method::GET, &ended).await;
        let expected = if is_on { (401, "invalid_token".to_owned()) } else { (200, String::new()) };
        assert_eq!(answer(&page), expected);
        assert_eq!(send_with_token(&url, Method::GET, &kept).await.status, 200);
    }
}
