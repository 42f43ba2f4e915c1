//! What a server loses, refuses for want of room, or forgets.

use std::time::Duration;

use rocket::futures::future::join_all;

use super::world::{
    EXPIRED, SID, World, address, assert_unavailable, copy, entry, field, generation, set_field, setup, until,
};
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::redis::RedisServer;
use crate::support::redis_client::Answer;

const TIMES: usize = 10;

async fn world() -> Option<(World, RedisServer)> {
    let server = RedisServer::start(&[])?;
    Some((World::start(setup(server.address())).await, server))
}

fn expired() -> (u16, String) {
    (401, "session_expired".into())
}

/// O8: valid tokens serve and people sign out; nobody signs in, and nobody's refresh token is spent for nothing.
#[rocket::async_test]
async fn a_full_redis_serves_sessions_and_refuses_new_ones_before_a_code_is_sent() {
    let Some((world, server)) = world().await else { return };
    let stale = join_all((0..TIMES).map(|_| world.signed_in("alice"))).await;
    world.advance(EXPIRED);
    for agent in stale {
        let (staying, leaving, entering) =
            (world.signed_in("bob").await, world.signed_in("carol").await, Agent::new());
        let (tab, callback) = (copy(&leaving), world.app.begin(&entering, "/me").await);
        let calls = world.calls();
        server.run("CONFIG SET maxmemory 1");
        assert_eq!(world.get(&staying, "/me").await.status, 200);
        assert_eq!(world.with_token("/sessions", &world.token("bob")).await.status, 200);
        let page = world.get(&agent, "/me").await;
        assert_eq!(page.status, 503, "{}", page.body);
        assert_unavailable(&entering.get(&callback).await, "sign-in");
        assert_eq!(world.calls(), calls, "the pool is not asked");
        assert_eq!(world.sign_out(&leaving).await.status, 303);
        assert_eq!(leaving.cookie(SID), None);
        assert_eq!(answer(&world.get(&tab, "/me").await), expired());
        assert_eq!(generation(&server, &tab), None, "it is removed at once");

        server.run("CONFIG SET maxmemory 0");
        assert_eq!(entering.get(&callback).await.header("location"), "/me");
        // It may rest for a second.
        let refreshed = async { while world.get(&agent, "/me").await.status == 503 {} };
        tokio::time::timeout(Duration::from_secs(15), refreshed).await.expect("a refresh");
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!((world.calls() - calls, generation(&server, &agent)), (2, Some(2)));
    }
}

/// O8: who was signed in signs in again.
#[rocket::async_test]
async fn sessions_that_are_lost_end_and_their_users_sign_in_again() {
    let Some((world, server)) = world().await else { return };
    for time in 0..TIMES {
        let (alice, bob) = (world.signed_in("alice").await, world.signed_in("bob").await);
        let (begun, tab) = (Agent::new(), copy(&alice));
        let callback = world.app.begin(&begun, "/me").await;
        let revoked = world.app.revocations();
        // One entry, as a server evicts it; or all of them.
        let is_restarted = time % 2 == 1;
        if is_restarted {
            server.shut_down(false);
            server.start_again(&[]);
        } else {
            server.run(&format!("DEL {}", entry(&address(&alice))));
        }
        let page = world.recovered(&alice, "lost").await;
        assert_eq!((answer(&page), page.set_cookies()), (expired(), vec![]));
        let bobs = if is_restarted { expired() } else { (200, String::new()) };
        assert_eq!(answer(&world.get(&bob, "/me").await), bobs);
        assert_eq!(world.with_token("/sessions", &world.token("alice")).await.body, "[]");
        assert_eq!(world.sign_out(&tab).await.status, 303);
        assert_eq!(begun.get(&callback).await.header("location"), "/me");
        assert_eq!(world.get(&begun, "/me").await.status, 200);
        assert_eq!(answer(&world.get(&alice, "/me").await), expired(), "it stays lost");
        assert_eq!(world.app.revocations(), revoked);
    }
}

/// O8: a session that is lost during its refresh has ended, and its new token is revoked.
#[rocket::async_test]
async fn a_refresh_of_a_session_that_is_lost_meanwhile_brings_nothing_back() {
    let Some((world, server)) = world().await else { return };
    for time in 0..TIMES {
        let agent = world.signed_in("alice").await;
        world.advance(EXPIRED);
        let revoked = world.app.revocations();
        let hold = world.app.pool.hold(TOKEN);
        let meanwhile = async {
            hold.reached(1).await;
            if time % 2 == 1 {
                server.shut_down(false);
                server.start_again(&[]);
            } else {
                server.run(&format!("DEL {}", entry(&address(&agent))));
            }
            drop(hold);
        };
        let (page, ()) = tokio::join!(world.get(&agent, "/me"), meanwhile);
        // Where the connection was lost too, the new tokens serve once, until the store says that they have no place.
        assert!(
            page.status == 401 || (time % 2 == 1 && page.status == 200),
            "{}: {}",
            page.status,
            page.body
        );
        until("the new token is revoked", || world.app.revocations() == revoked + 1).await;
        assert_eq!(answer(&world.get(&agent, "/me").await), expired());
        assert_eq!(generation(&server, &agent), None);
    }
}

/// O8: the process that has refreshed the session writes again what the new primary does not have.
#[rocket::async_test]
async fn a_failover_that_lost_the_last_writes_ends_no_session_that_was_there_before() {
    for _ in 0..3 {
        let at_once = ["--repl-diskless-sync-delay", "0"];
        let (Some(primary), Some(replica)) = (RedisServer::start(&at_once), RedisServer::start(&[])) else {
            return;
        };
        let (world, proxy) = World::behind_a_proxy(&primary).await;
        let (old, calm) = (world.signed_in("alice").await, world.signed_in("bob").await);
        world.advance(EXPIRED);
        replica.run(&format!("REPLICAOF 127.0.0.1 {}", primary.port));
        until("the replica has it", || {
            let info = replica.run("INFO replication").text();
            info.contains("master_link_status:up") && generation(&replica, &calm) == Some(1)
        })
        .await;
        // From here on nothing reaches the replica.
        replica.run("REPLICAOF NO ONE");
        let calls = world.calls();
        assert_eq!(world.get(&old, "/me").await.status, 200);
        let new = world.signed_in("carol").await;
        assert_eq!((generation(&primary, &old), generation(&replica, &old)), (Some(2), Some(1)));
        proxy.lead_to(replica.port);
        primary.kill();

        assert_eq!(world.recovered(&old, "failover").await.status, 200);
        assert_eq!(generation(&replica, &old), Some(2), "the process remembers the later tokens");
        assert_eq!(answer(&world.get(&new, "/me").await), expired(), "its sign-in was lost");
        assert_eq!(world.get(&calm, "/me").await.status, 200);
        assert_eq!(world.calls() - calls, 3, "a refresh, a sign-in and another refresh");
        let again = world.signed_in("carol").await;
        assert_eq!(world.get(&again, "/me").await.status, 200);
    }
}

/// O8: something that is no entry of this crate lies at its place.
#[rocket::async_test]
async fn a_key_of_a_wrong_type_ends_the_sessions_of_one_user_until_they_sign_in() {
    let Some((world, server)) = world().await else { return };
    for time in 0..TIMES {
        let (alice, bob) = (world.signed_in("alice").await, world.signed_in("bob").await);
        let (tab, begun) = (copy(&alice), Agent::new());
        let callback = world.app.begin(&begun, "/me").await;
        let name = entry(&address(&alice));
        server.run(&format!("DEL {name}"));
        server.run(&format!("{} {name} 1", ["SET", "LPUSH", "SADD", "PFADD"][time % 4]));
        assert_eq!(answer(&world.get(&alice, "/me").await), expired());
        assert_eq!(answer(&world.get(&alice, "/end-all").await), expired());
        assert_eq!(world.with_token("/sessions", &world.token("alice")).await.body, "[]");
        assert_eq!(world.with_token("/end-all", &world.token("alice")).await.body, "0");
        assert_eq!(world.sign_out(&tab).await.status, 303);
        assert_eq!(tab.cookie(SID), None);
        assert_eq!(world.get(&bob, "/me").await.status, 200);
        assert_eq!(begun.get(&callback).await.header("location"), "/me");
        assert_eq!(world.get(&begun, "/me").await.status, 200);
        assert_eq!(server.run(&format!("TYPE {name}")).text(), "hash");
    }
}

/// O8, O10: a value or a note that does not belong there ends one session and no other.
#[rocket::async_test]
async fn a_field_that_was_changed_ends_its_session_alone() {
    let Some((world, server)) = world().await else { return };
    let other = world.signed_in("alice").await;
    for (number, change) in [
        (0, &(|text: &mut Vec<u8>| text[0] = 2) as &dyn Fn(&mut Vec<u8>)),
        (0, &|text: &mut Vec<u8>| text[3] ^= 1),
        (0, &|text: &mut Vec<u8>| *text.last_mut().unwrap() ^= 1),
        (0, &|text: &mut Vec<u8>| text.truncate(20)),
        (0, &Vec::clear),
        (1, &|text: &mut Vec<u8>| text[0] = b'2'),
        (1, &|text: &mut Vec<u8>| text[2] = b'7'),
        (1, &|text: &mut Vec<u8>| text[2] = b'-'),
        (1, &|text: &mut Vec<u8>| text.truncate(3)),
        (1, &Vec::clear),
        (1, &|text: &mut Vec<u8>| *text = vec![0xff; 40]),
    ] {
        let (agent, leaving) = (world.signed_in("alice").await, world.signed_in("alice").await);
        let tab = copy(&leaving);
        for agent in [&agent, &leaving] {
            let mut content = field(&server, agent, number).unwrap();
            change(&mut content);
            set_field(&server, agent, number, &content);
        }
        for _ in 0..2 {
            let page = world.get(&agent, "/me").await;
            assert_eq!((answer(&page), page.set_cookies()), (expired(), vec![]));
        }
        assert!(field(&server, &agent, number).is_some(), "it is left to whoever knows it");
        assert_eq!(world.get(&other, "/me").await.status, 200);
        assert_eq!(world.with_token("/sessions", &world.token("alice")).await.status, 200);
        assert_eq!(world.sign_out(&leaving).await.status, 303);
        assert_eq!(field(&server, &tab, number), None, "who signs out ends it all the same");
        let again = world.signed_in("alice").await;
        assert_eq!(world.get(&again, "/me").await.status, 200);
    }
}

/// O10: a sign-out at an instance of one release ends the session for an instance of another.
#[rocket::async_test]
async fn a_sign_out_removes_a_session_that_another_release_has_noted() {
    let Some((world, server)) = world().await else { return };
    let agent = world.signed_in("alice").await;
    let tab = copy(&agent);
    let note = String::from_utf8(field(&server, &agent, 1).unwrap()).unwrap();
    set_field(&server, &agent, 1, note.replacen('1', "2", 1).as_bytes());
    assert_eq!(world.sign_out(&agent).await.status, 303);
    assert_eq!([0, 1].map(|number| field(&server, &tab, number)), [None, None]);
}

/// O8: a server that was restarted has forgotten the scripts, and one whose connections end has not failed.
#[rocket::async_test]
async fn nobody_notices_that_scripts_are_forgotten() {
    let Some((world, server)) = world().await else { return };
    let stale = join_all((0..TIMES).map(|_| world.signed_in("alice"))).await;
    world.advance(EXPIRED);
    for agent in stale {
        let entering = Agent::new();
        let callback = world.app.begin(&entering, "/me").await;
        let forget = || assert_ne!(server.run("SCRIPT FLUSH"), Answer::Nothing);
        forget();
        assert_eq!(world.get(&agent, "/me").await.status, 200);
        assert_eq!(generation(&server, &agent), Some(2));
        forget();
        assert_eq!(entering.get(&callback).await.header("location"), "/me");
        assert_eq!(world.get(&entering, "/me").await.status, 200);
        forget();
        assert_eq!(world.sign_out(&entering).await.status, 303);
        let bob = world.signed_in("bob").await;
        forget();
        assert_eq!(world.get(&bob, "/end-all").await.body, "1");
    }
}

/// O8: the server has closed the connection, which is there again by the next request or the one after it.
#[rocket::async_test]
async fn a_connection_that_the_server_ends_costs_nobody_a_session() {
    let Some((world, server)) = world().await else { return };
    let agent = world.signed_in("alice").await;
    for _ in 0..TIMES {
        let killed = server.run("CLIENT KILL USER default").number();
        assert_eq!(killed, 1, "an app has one connection");
        assert_eq!(world.recovered(&agent, "killed").await.status, 200);
    }
}

/// O8: a server that is busy for seconds, with something else.
#[rocket::async_test]
async fn a_server_that_sleeps_for_seconds_ends_no_session() {
    let Some((world, server)) = world().await else { return };
    let agents = join_all(["alice", "bob", "carol"].map(|name| world.signed_in(name))).await;
    for _ in 0..3 {
        server.client().post(&["DEBUG", "SLEEP", "3"]);
        tokio::time::sleep(Duration::from_millis(50)).await;
        let pages = join_all(agents.iter().map(|agent| world.recovered(agent, "asleep"))).await;
        assert_eq!(pages.iter().filter(|page| page.status == 200).count(), agents.len());
    }
}

/// O8: an app starts without its store, and serves sessions as soon as it is there.
#[rocket::async_test]
async fn an_app_that_starts_before_its_redis_serves_as_soon_as_it_is_there() {
    let Some((world, server)) = world().await else { return };
    let agent = world.signed_in("alice").await;
    server.shut_down(true);
    let late = world.app.instance("session_store", server.address()).await;
    assert_unavailable(&agent.get(&late.url("/me")).await, "down at launch");
    server.start_again(&[]);
    let served = async {
        loop {
            let page = agent.get(&late.url("/me")).await;
            if page.status == 200 {
                return;
            }
            assert_unavailable(&page, "down at launch");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), served).await.expect("a recovery");
}
