//! A process that is killed before it could store what the pool has given it, and another that goes on with the store.

use rocket::futures::future::join_all;
use tokio::runtime::Runtime;

use crate::refresh::world::{EXPIRED, World, assert_waits, copy, rotating};
use crate::support::TOKEN;
use crate::support::agent::{Agent, answer};
use crate::support::app::code_for;
use crate::support::kind::Kind;

/// Longer than the lease of a process that does not extend it any more.
const LEASE_OVER: u32 = 11;

/// Has a process killed when the pool has carried out what these browsers caused there, and nobody has heard of it.
async fn crash(world: &World, agents: &[Agent], path: &str) {
    let runtime = Runtime::new().unwrap();
    let doomed = world.another_on(&runtime).await;
    let hold = world.app.pool.hold(TOKEN);
    let url = doomed.url(path);
    tokio::select! {
        pages = join_all(agents.iter().map(|agent| agent.get(&url))) => panic!("{} answers", pages.len()),
        () = hold.reached(agents.len()) => {}
    }
    // With the runtime everything ends that it runs, wherever that is.
    tokio::task::spawn_blocking(move || drop(runtime)).await.unwrap();
}

fn sessions(world: &World, count: usize) -> Vec<Agent> {
    (0..count).map(|_| world.session("alice")).collect()
}

/// O2: the old refresh token is good for another minute, and nobody has to wait for more than the lease.
#[rocket::async_test]
async fn within_the_grace_stored_sessions_go_on_when_the_lease_of_a_killed_process_is_over() {
    let world = World::start(Kind::Stored, rotating(60)).await;
    let agents = sessions(&world, 10);
    for round in 1..=3 {
        world.advance(EXPIRED);
        crash(&world, &agents, "/me").await;
        let (calls, requests) = (world.calls(), world.gate.requests());
        let lease_runs_out = async {
            // One of them comes before, and waits for it.
            while world.gate.requests() == requests {
                tokio::task::yield_now().await;
            }
            assert_eq!(world.calls(), calls);
            world.advance(LEASE_OVER);
        };
        let (first, ()) = tokio::join!(world.get(&agents[0], "/me"), lease_runs_out);
        assert_eq!(answer(&first), (200, String::new()), "round {round}");
        for page in join_all(agents.iter().map(|agent| world.get(agent, "/me"))).await {
            assert_eq!(answer(&page), (200, String::new()), "round {round}");
        }
        assert_eq!(world.calls() - calls, 10, "one for each");
        assert!(agents.iter().all(|agent| world.generation(agent) == round));
    }
}

/// O2: the killed process might only be paused with the new tokens in hand, so that one refusal ends nothing.
#[rocket::async_test]
async fn without_a_grace_the_second_refusal_after_a_killed_process_is_one_clean_401() {
    let world = World::start(Kind::Stored, rotating(0)).await;
    let agents = sessions(&world, 10);
    world.advance(EXPIRED);
    crash(&world, &agents, "/me").await;
    world.advance(LEASE_OVER);
    let calls = world.calls();
    for agent in &agents {
        let page = world.get(agent, "/me").await;
        assert_waits(&page, "it rests");
        let rest: u32 = page.header("retry-after").parse().unwrap();
        assert!((5..=10).contains(&rest), "{rest}");
        assert_waits(&world.get(agent, "/me").await, "it still rests");
    }
    assert_eq!(world.calls() - calls, 10);
    world.advance(10);
    for agent in &agents {
        Kind::Stored.assert_ended_by_pool(&world.get(agent, "/me").await, agent, "the second refusal");
        Kind::Stored.assert_ended_by_pool(&world.get(&copy(agent), "/me").await, agent, "nobody is asked");
        let page = agent.sign_in(&world.url("/me"), "alice").await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
    }
    assert_eq!(world.calls() - calls, 10 + 10 + 10, "two refusals and a sign-in each");
}

/// O2: the code is used up, and its browser begins again. Whoever comes with it waits for the process that has sent it.
#[rocket::async_test]
async fn a_sign_in_that_a_killed_process_has_lost_is_begun_again() {
    let world = World::start(Kind::Stored, rotating(0)).await;
    let agents = [Agent::new()];
    let [agent] = &agents;
    let login = agent.open(&world.url("/auth/login?next=/me")).await;
    let callback = code_for(agent, &login, "alice").await;
    crash(&world, &agents, callback.strip_prefix(&world.url("")).unwrap()).await;
    let calls = world.calls();
    assert_eq!(answer(&agent.get(&callback).await), (400, "login_used".into()));
    assert_eq!((agent.cookies().len(), world.calls()), (0, calls), "the code is sent once");
    let page = agent.follow(&world.url("/me")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/me"));
}
