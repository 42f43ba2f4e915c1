//! A session is renewed once, ahead of its time, and by requests that need it.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use rocket::futures::future::join_all;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::world::{DUE, EXPIRED, LIFETIME, World, assert_waits, claims, copy, rotating, setup};
use crate::support::TOKEN;
use crate::support::agent::answer;
use crate::support::forge;
use crate::support::kind::{Kind, each_kind};

type Headers<'a> = &'a [(&'a str, &'a str)];

each_kind!(two_hundred_requests_on_an_expired_session_cause_one_call_and_all_succeed);
/// F1.
async fn two_hundred_requests_on_an_expired_session_cause_one_call_and_all_succeed(kind: Kind) {
    for is_gone in [false, true] {
        let world = World::start(kind, rotating(0)).await;
        let agent = world.app.signed_in("alice").await;
        world.advance(EXPIRED);
        if is_gone {
            world.expire(&agent);
        }
        let (calls, tabs): (_, Vec<_>) = (world.calls(), (0..200).map(|_| copy(&agent)).collect());
        let pages = join_all(tabs.iter().map(|tab| world.get(tab, "/me"))).await;
        let not_served: Vec<_> = pages.iter().map(answer).filter(|(status, _)| *status != 200).collect();
        assert_eq!(not_served, []);
        assert_eq!(world.calls() - calls, 1, "the cookie is gone: {is_gone}");
        let tokens: BTreeSet<_> =
            tabs.iter().map(|tab| (world.access_token(tab), world.generation(tab))).collect();
        assert_eq!(tokens, BTreeSet::from([(world.access_token(&tabs[0]), 1)]));
        assert_eq!(
            world.get(&tabs[0], "/me").await.set_cookies(),
            [""; 0],
            "nothing is to be renewed any more"
        );
    }
}

each_kind!(a_pool_that_does_not_answer_ends_no_session);
/// F3: slower than anybody waits, whether or not the pool takes the same refresh token twice.
async fn a_pool_that_does_not_answer_ends_no_session(kind: Kind) {
    let outlast = async |grace| {
        let world = World::start(kind, rotating(grace)).await;
        let (agent, calls) = (world.session("alice"), world.calls());
        world.advance(EXPIRED);
        let hold = world.app.pool.hold(TOKEN);
        for page in join_all((0..20).map(|_| world.get(&agent, "/me"))).await {
            assert_waits(&page, "the pool is silent");
        }
        drop(hold);
        assert_eq!(answer(&world.get(&agent, "/me").await), (200, String::new()), "{grace}");
        assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1), "{grace}");
    };
    tokio::join!(outlast(0), outlast(60));
}

each_kind!(while_one_sessions_renewal_hangs_everybody_else_is_answered_at_once);
/// F12: nobody waits for another person's renewal, nor for one of another browser.
async fn while_one_sessions_renewal_hangs_everybody_else_is_answered_at_once(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let slow = world.session("alice");
    world.advance(EXPIRED);
    let others = ["alice", "bob"].map(|name| world.session(name));
    let bearer = world.app.pool.sign_in("alice", crate::support::app::CLIENT).unwrap().access_token;
    let bearer = format!("Bearer {bearer}");
    let hold = world.app.pool.hold(TOKEN);
    let meanwhile = async {
        hold.reached(1).await;
        for _ in 0..20 {
            for agent in &others {
                let page = world.get(agent, "/me").await;
                assert_eq!((page.status.as_u16(), page.set_cookies()), (200, vec![]), "the pool is silent");
            }
            let headers = [("authorization", bearer.as_str())];
            assert_eq!(copy(&slow).send(Method::GET, &world.url("/me"), &headers, None).await.status, 200);
            assert_eq!(copy(&slow).get(&world.url("/open")).await.status, 200);
        }
        assert_eq!(world.generation(&slow), 0, "it waits still");
        drop(hold);
    };
    let (page, ()) = tokio::join!(world.get(&slow, "/me"), meanwhile);
    assert_eq!((page.status.as_u16(), world.generation(&slow)), (200, 1));
}

each_kind!(while_one_request_renews_ahead_of_expiry_the_others_are_answered_at_once);
/// F3, F12.
async fn while_one_request_renews_ahead_of_expiry_the_others_are_answered_at_once(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    world.advance(DUE);
    let others = copy(&agent);
    let hold = world.app.pool.hold(TOKEN);
    let meanwhile = async {
        hold.reached(1).await;
        for _ in 0..20 {
            let page = world.get(&others, "/me").await;
            assert_eq!((page.status.as_u16(), page.set_cookies()), (200, vec![]), "the pool is still silent");
        }
        drop(hold);
    };
    let (page, ()) = tokio::join!(world.get(&agent, "/me"), meanwhile);
    assert_eq!(page.status, 200);
    // Whoever went on without waiting gets the new tokens next time.
    let next_time = async {
        for browser in [&agent, &others] {
            while world.generation(browser) == 0 {
                assert_eq!(world.get(browser, "/me").await.status, 200);
            }
        }
    };
    timeout(Duration::from_secs(60), next_time).await.unwrap();
    assert_eq!([&agent, &others].map(|agent| world.generation(agent)), [1, 1]);
    assert_eq!(world.calls() - calls, 1);
}

each_kind!(sessions_are_renewed_ahead_of_expiry_and_not_all_at_the_same_time);
/// F12.
async fn sessions_are_renewed_ahead_of_expiry_and_not_all_at_the_same_time(kind: Kind) {
    let setup = setup().pool(|pool| pool.access_token_seconds(86_400)).set("refresh_ahead_seconds", 3600);
    let world = World::start(kind, setup.set("cookie_age_seconds", 86_400)).await;
    let agents: Vec<_> = (0..40).map(|_| world.session("alice")).collect();
    let renewed = async || {
        let tabs: Vec<_> = agents.iter().map(copy).collect();
        let pages = join_all(tabs.iter().map(|tab| world.get(tab, "/me"))).await;
        assert!(pages.iter().all(|page| page.status == 200));
        tabs.iter().filter(|tab| world.generation(tab) == 1).count()
    };
    // Between two thirds and four thirds of the time before it.
    world.advance(86_400 - 4_800 - 300);
    assert_eq!(renewed().await, 0);
    world.advance(300 + 1_200);
    let some = renewed().await;
    assert!((1..40).contains(&some), "{some}");
    world.advance(1_200 + 300);
    assert_eq!(renewed().await, 40);
}

/// F12: the cookie goes before its token does.
#[rocket::async_test]
async fn a_session_whose_cookie_is_about_to_go_is_renewed_ahead_of_that() {
    let world = World::start(Kind::Cookies, setup().pool(|pool| pool.access_token_seconds(3600))).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    world.advance(1800 - 150);
    assert_eq!(world.get(&agent, "/me").await.set_cookies(), [""; 0]);
    world.advance(150 - 50);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1));
    assert_eq!(world.get(&agent, "/me").await.set_cookies(), [""; 0]);
}

/// F12: `cookie_age_seconds` is about cookies that a stored session does not have.
#[rocket::async_test]
async fn a_stored_session_is_renewed_ahead_of_its_tokens_expiry_alone() {
    let world = World::start(Kind::Stored, setup().pool(|pool| pool.access_token_seconds(3600))).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    for (seconds, renewed) in [(1800 + 100, 0), (1500, 0), (150, 1)] {
        world.advance(seconds);
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!((world.calls() - calls, world.generation(&agent)), (renewed, renewed), "{seconds}");
    }
}

each_kind!(sessions_that_expire_at_once_are_renewed_twelve_at_a_time_and_none_is_lost);
/// F15.
async fn sessions_that_expire_at_once_are_renewed_twelve_at_a_time_and_none_is_lost(kind: Kind) {
    let world = World::start(kind, rotating(60)).await;
    // A busy machine answers more from a server in a process of its own too late.
    let count = if kind == Kind::Redis { 60 } else { 300 };
    let agents: Vec<_> = (0..count).map(|_| world.session("alice")).collect();
    world.advance(EXPIRED);
    let (calls, hold) = (world.calls(), world.app.pool.hold(TOKEN));
    let (sender, mut answers) = mpsc::unbounded_channel();
    let requests = join_all(agents.iter().map(async |agent| {
        sender.send(world.get(agent, "/me").await).unwrap();
    }));
    let first_come = async {
        for _ in 0..count - 12 {
            assert_waits(&answers.recv().await.unwrap(), "twelve others are being renewed");
        }
        // With a store visitors wait for a place as long as for an answer; by then the first twelve calls are late, and have
        // given up theirs.
        let most = if kind.is_stored() { 24 } else { 12 };
        assert!((12..=most).contains(&(world.calls() - calls)), "{}", world.calls() - calls);
        drop(hold);
    };
    tokio::join!(requests, first_come);
    // Whoever was told to come back later does.
    for _ in 0..50 {
        world.advance(40);
        let waiting: Vec<_> = agents.iter().filter(|agent| world.generation(agent) == 0).collect();
        let pages = join_all(waiting.iter().map(|agent| world.get(agent, "/me"))).await;
        assert!(pages.iter().all(|page| [200, 503].contains(&page.status.as_u16())));
    }
    let generations: Vec<_> = agents.iter().map(|agent| world.generation(agent)).collect();
    assert_eq!(generations, vec![1; count]);
}

each_kind!(who_does_not_ask_for_the_session_does_not_renew_it);
/// F16.
async fn who_does_not_ask_for_the_session_does_not_renew_it(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let bearer = world.app.pool.sign_in("bob", crate::support::app::CLIENT).unwrap().access_token;
    let bearer = format!("Bearer {bearer}");
    for seconds in [DUE, EXPIRED] {
        let agent = world.session("alice");
        world.advance(seconds);
        let (before, calls) = (agent.cookies(), world.calls());
        let cross_site = ("sec-fetch-site", "cross-site");
        let rows: [(Method, &str, Headers<'_>); 9] = [
            (Method::GET, "/open", &[]),
            (Method::GET, "/nowhere", &[]),
            (Method::GET, "/auth/login", &[]),
            (Method::GET, "/me", &[("authorization", &bearer)]),
            (Method::GET, "/me", &[("authorization", "Bearer nonsense")]),
            (Method::POST, "/change", &[]),
            (Method::POST, "/change", &[cross_site]),
            (Method::POST, "/auth/refresh", &[cross_site]),
            (Method::GET, "/me", &[("upgrade", "websocket"), ("connection", "upgrade")]),
        ];
        for (method, path, headers) in rows {
            let page = copy(&agent).send(method.clone(), &world.url(path), headers, None).await;
            let written: Vec<_> =
                page.set_cookies().into_iter().filter(|header| !header.contains("cognito_login")).collect();
            assert_eq!(written, [""; 0], "{method} {path} {headers:?}");
        }
        assert_eq!((agent.cookies(), world.calls()), (before, calls));
    }
}

each_kind!(who_asks_for_the_session_renews_it);
/// F16: what has the user in it renews, be it optional or refused in the end.
async fn who_asks_for_the_session_renews_it(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let from_elsewhere = ("sec-fetch-site", "cross-site");
    let from_here = ("sec-fetch-site", "same-origin");
    let rows: [(Method, &str, Headers<'_>, u16); 6] = [
        (Method::GET, "/", &[], 200),
        (Method::GET, "/me", &[], 200),
        (Method::GET, "/me", &[from_elsewhere], 200),
        (Method::GET, "/edit", &[], 403),
        (Method::POST, "/change", &[from_here], 200),
        (Method::GET, "/me", &[("authorization", "Basic c3RhZ2luZzpzaXRl")], 200),
    ];
    for (method, path, headers, status) in rows {
        let agent = world.session("carol");
        world.advance(EXPIRED);
        let calls = world.calls();
        let page = agent.send(method.clone(), &world.url(path), headers, None).await;
        assert_eq!(page.status, status, "{method} {path} {headers:?}");
        assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1), "{method} {path} {headers:?}");
    }
    assert_eq!(world.get(&world.session("carol"), "/").await.body, "carol");
}

each_kind!(without_auto_refresh_guards_renew_nothing);
/// F16: with `auto_refresh = false` sessions are renewed on demand.
async fn without_auto_refresh_guards_renew_nothing(kind: Kind) {
    let world = World::start(kind, rotating(0).set("auto_refresh", false)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    world.advance(EXPIRED);
    let page = world.get(&agent, "/me").await;
    assert_eq!(answer(&page), (401, "session_expired".into()));
    assert_eq!((page.set_cookies(), world.calls()), (vec![], calls));
    let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    assert_eq!(agent.post(&world.url("/auth/refresh"), &headers, &[]).await.status, 204);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1));
}

each_kind!(a_visitor_who_goes_away_loses_the_renewal_for_nobody);
/// F12: the visitor who caused a renewal and went away does not take the new tokens along.
async fn a_visitor_who_goes_away_loses_the_renewal_for_nobody(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let (agent, calls) = (world.session("alice"), world.calls());
    world.advance(EXPIRED);
    let hold = world.app.pool.hold(TOKEN);
    tokio::select! {
        page = world.get(&agent, "/me") => panic!("an answer without the pool: {}", page.body),
        () = hold.reached(1) => {}
    }
    drop(hold);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!((world.calls() - calls, world.generation(&agent)), (1, 1));
}

each_kind!(a_renewed_session_has_all_its_tokens_anew);
/// F1: the answer tells how long the new token is good for.
async fn a_renewed_session_has_all_its_tokens_anew(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agent = world.app.signed_in("alice").await;
    let (before, cookies) = (world.record(&agent), agent.cookies());
    world.advance(EXPIRED);
    let started = forge::now();
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    let after = world.record(&agent);
    let tokens = ["access_token", "id_token", "refresh_token"].map(|name| {
        assert_ne!(after[name], before[name], "{name}");
        after[name].as_str().unwrap()
    });
    let expires = claims(tokens[0])["exp"].as_u64().unwrap();
    assert!(expires >= started + u64::from(EXPIRED + LIFETIME));
    assert_eq!(claims(tokens[1])["sub"], claims(tokens[0])["sub"]);
    let now = agent.cookies();
    assert_eq!(now.keys().collect::<Vec<_>>(), cookies.keys().collect::<Vec<_>>());
    assert!(now.iter().all(|(name, value)| (cookies[name] == *value) == kind.is_stored()), "{cookies:?}");
}
