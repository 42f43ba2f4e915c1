//! Answers that come late leave what the browser has got meanwhile. Of sessions in cookies alone: a stored one writes no
//! cookie after its sign-in.

use super::world::{EXPIRED, World, copy, rotating};
use crate::support::REFRESH;
use crate::support::agent::{Agent, Page};
use crate::support::app::code_for;
use crate::support::kind::Kind;

/// A request that has passed its guard when `meanwhile` happens, and is answered after that.
async fn slowly(world: &World, agent: &Agent, meanwhile: impl AsyncFnOnce()) -> Page {
    // The browser takes what comes meanwhile before this answer.
    let slow = copy(agent);
    let rest = async {
        world.gate.arrived().await;
        meanwhile().await;
        world.gate.open();
    };
    let (page, ()) = tokio::join!(world.get(&slow, "/slow"), rest);
    assert_eq!(page.status, 200);
    for (name, value, attributes) in page.set_cookies().into_iter().map(crate::support::app::set_cookie) {
        if attributes.contains(&"Max-Age=0") {
            agent.drop_cookie(name);
        } else {
            agent.set_cookie(name, value);
        }
    }
    page
}

/// F13: by then the newer tokens are known, or not kept any more.
#[rocket::async_test]
async fn a_late_answer_does_not_bring_an_older_generation_back() {
    for later in [10, 70] {
        let world = World::start(Kind::Cookies, rotating(0)).await;
        let agent = world.session("alice");
        world.advance(EXPIRED);
        slowly(&world, &agent, async || {
            for generation_now in 1..=3 {
                assert_eq!(world.get(&agent, "/me").await.status, 200);
                assert_eq!(world.generation(&agent), generation_now);
                world.advance(EXPIRED);
            }
            assert_eq!(world.get(&agent, "/me").await.status, 200);
            world.advance(later);
        })
        .await;
        assert_eq!(world.generation(&agent), 4, "{later}");
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200, "{later}");
    }
}

/// F13: a request whose token was valid notes that the user has been seen.
#[rocket::async_test]
async fn a_late_note_does_not_bring_an_older_generation_back() {
    for later in [10, 70] {
        let world = World::start(Kind::Cookies, rotating(0).set("session_idle_seconds", 600)).await;
        let agent = world.session("alice");
        world.advance(160);
        slowly(&world, &agent, async || {
            world.advance(EXPIRED - 160);
            assert_eq!(world.get(&agent, "/me").await.status, 200);
            world.advance(later);
        })
        .await;
        assert_eq!(world.generation(&agent), 1, "{later}");
        world.advance(EXPIRED);
        assert_eq!(world.get(&agent, "/me").await.status, 200, "{later}");
    }
}

/// F13: an answer sent before a renewal reaches the browser after it.
#[rocket::async_test]
async fn an_older_record_that_came_late_is_replaced_with_the_next_request() {
    let world = World::start(Kind::Cookies, rotating(0).set("session_idle_seconds", 600)).await;
    let agent = world.session("alice");
    world.advance(160);
    let noted = copy(&agent);
    assert!(!world.get(&noted, "/me").await.set_cookies().is_empty(), "the user is noted");
    agent.drop_cookie(crate::support::ACCESS);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!(world.generation(&agent), 1);
    agent.set_cookie(REFRESH, &noted.cookie(REFRESH).unwrap());
    assert_eq!(world.get(&agent, "/me").await.status, 200);
    assert_eq!(world.generation(&agent), 1);
    world.advance(EXPIRED);
    assert_eq!(world.get(&agent, "/me").await.status, 200);
}

/// F13, L8: signed out meanwhile, or signed in as somebody else.
#[rocket::async_test]
async fn a_late_answer_of_a_session_that_has_ended_touches_no_other() {
    // Renewed by then, or only seen.
    for (setup, is_renewed) in [(rotating(0), true), (rotating(0).set("session_idle_seconds", 600), false)] {
        let world = World::start(Kind::Cookies, setup).await;
        let agent = world.session("alice");
        if is_renewed {
            agent.drop_cookie(crate::support::ACCESS);
        }
        world.advance(160);
        let page = slowly(&world, &agent, async || {
            let headers = [("sec-fetch-site", "same-origin")];
            assert_eq!(agent.post(&world.url("/auth/logout"), &headers, &[]).await.status, 303);
            assert!(agent.cookies().is_empty());
            let login = agent.open(&world.url("/auth/login?next=/me")).await;
            let callback = code_for(&agent, &login, "bob").await;
            assert_eq!(agent.open(&callback).await.status, 303);
        })
        .await;
        assert_eq!((page.set_cookies(), world.calls()), (vec![], 1 + u64::from(is_renewed)));
        assert!(world.get(&agent, "/me").await.body.contains("\"bob\""));
    }
}
