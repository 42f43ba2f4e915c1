//! Sealed values count for one purpose, of one app, under the keys of the day. That no cookie counts in the place of
//! another is of sessions in cookies alone.

use std::collections::BTreeMap;

use super::SESSION;
use super::world::{EXPIRED, World, copy, rotating, setup};
use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::{SECRET_KEY, code_for};
use crate::support::kind::{Kind, each_kind};
use crate::support::server::Server;
use crate::support::{ACCESS, REFRESH};

const NEW_KEY: &str = "the/new.key-that_replaces=the+old~one";

/// K8: what is sealed for one cookie counts in no other.
#[rocket::async_test]
async fn no_cookie_counts_in_the_place_of_another() {
    let world = World::start(Kind::Cookies, setup()).await;
    let raw = world.another(|figment| figment.merge(("cognito.refresh_cookie_encrypted", false))).await;
    let agent = world.session("alice");
    // The other process writes what it renews in the other form.
    let beside = world.session("alice");
    beside.drop_cookie(ACCESS);
    assert_eq!(beside.get(&raw.url("/me")).await.status, 200);
    let token = beside.cookie(REFRESH).unwrap();
    let login = agent.open(&world.url("/auth/login")).await;
    let login_cookie = agent.cookies().into_keys().find(|name| name.contains("login")).unwrap();
    let callback = code_for(&agent, &login, "alice").await;
    let values = [
        ("login", agent.cookie(&login_cookie).unwrap()),
        ("refresh", agent.cookie(REFRESH).unwrap()),
        ("session", beside.cookie(SESSION).unwrap()),
        ("access", agent.cookie(ACCESS).unwrap()),
    ];
    for (place, name) in
        [("login", login_cookie.as_str()), ("refresh", REFRESH), ("session", SESSION), ("access", ACCESS)]
    {
        for (purpose, value) in &values {
            // The right one comes last: it uses the code up.
            let is_right = *purpose == place;
            if place == "login" && is_right {
                continue;
            }
            let browser = Agent::new();
            browser.set_cookie(name, value);
            if place == "session" {
                browser.set_cookie(REFRESH, &token);
            }
            let page = match place {
                "login" => browser.get(&callback).await,
                _ => world.get(&browser, "/me").await,
            };
            let status = if is_right {
                200
            } else if place == "login" {
                400
            } else {
                401
            };
            assert_eq!(page.status, status, "{purpose} in the place of {place}: {}", page.body);
        }
    }
    let browser = Agent::new();
    browser.set_cookie(&login_cookie, &values[0].1);
    assert_eq!(browser.get(&callback).await.status, 303);
}

/// K8: the same key, another client or pool.
#[rocket::async_test]
async fn a_record_of_another_client_or_pool_is_none() {
    let world = World::start(Kind::Cookies, setup()).await;
    let agent = world.session("alice");
    agent.drop_cookie(ACCESS);
    let rows = [
        ("client_id", "another".to_owned()),
        ("client_id", String::new()),
        ("issuer", format!("{}4", world.app.pool.issuer())),
        ("issuer", String::new()),
    ];
    let calls = world.calls();
    for (name, value) in rows {
        let agent = copy(&agent);
        world.change_record(&agent, name, value.clone().into());
        assert_eq!(
            answer(&world.get(&agent, "/me").await),
            (401, "session_expired".into()),
            "{name} {value}"
        );
        let headers = [("sec-fetch-site", "same-origin")];
        let page = agent.post(&world.url("/auth/refresh"), &headers, &[]).await;
        assert_eq!(answer(&page), (401, "session_expired".into()), "{name} {value}");
    }
    assert_eq!(world.calls(), calls);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
}

each_kind!(keys_are_replaced_in_three_phases_without_a_sign_out);
/// K10: two processes, which get the new key one after the other.
async fn keys_are_replaced_in_three_phases_without_a_sign_out(kind: Kind) {
    let world = World::start(kind, rotating(0)).await;
    let agents: Vec<_> = (0..3).map(|_| world.session("alice")).collect();
    let phases: [&[&str]; 4] = [&[SECRET_KEY], &[SECRET_KEY, NEW_KEY], &[NEW_KEY, SECRET_KEY], &[NEW_KEY]];
    let mut processes: BTreeMap<usize, Server> = BTreeMap::new();
    let mut renewed = 0;
    for keys in phases {
        for process in [0, 1] {
            let server = world.another(|figment| figment.merge(("cognito.secret_keys", keys))).await;
            if let Some(old) = processes.insert(process, server) {
                old.stop().await;
            }
            for (server, agent) in
                processes.values().flat_map(|it| agents.iter().map(move |agent| (it, agent)))
            {
                world.advance(EXPIRED);
                let page = agent.get(&server.url("/me")).await;
                assert_eq!(page.status, 200, "{keys:?}: {}", page.body);
                renewed += 1;
            }
        }
    }
    assert_eq!((renewed, world.calls()), (15 * 3, 15 * 3));
    let beyond = copy(&agents[2]);
    if kind == Kind::Cookies {
        assert_eq!(world.get(&beyond, "/me").await.status, 200, "its access token is still good");
        world.expire(&beyond);
    }
    assert_eq!(
        answer(&world.get(&beyond, "/me").await),
        (401, "session_expired".into()),
        "without the new key"
    );
}

each_kind!(a_renewal_seals_with_the_first_key);
/// K10: what is written anew is sealed with the first key.
async fn a_renewal_seals_with_the_first_key(kind: Kind) {
    let mut world = World::start(kind, setup().set("secret_keys", [NEW_KEY, SECRET_KEY])).await;
    let agent = world.session("alice");
    world.expire(&agent);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    world.sessions.secret_key = NEW_KEY.into();
    assert_eq!(world.record(&agent)["generation"], 1);
}

each_kind!(a_key_that_is_gone_takes_its_sessions_along);
/// K10: what nobody can open any more is a session that has ended, not an error.
async fn a_key_that_is_gone_takes_its_sessions_along(kind: Kind) {
    let world = World::start(kind, setup()).await;
    let agent = world.session("alice");
    world.expire(&agent);
    assert_eq!(world.generation(&agent), 0);
    let world = world.restarted(|figment| figment.merge(("cognito.secret_keys", NEW_KEY))).await;
    assert_eq!(answer(&world.get(&agent, "/me").await), (401, "session_expired".into()));
    let page = agent.sign_in(&world.url("/me"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
}
