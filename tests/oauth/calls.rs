//! How much is asked of the pool at once.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use rocket::futures::future::join_all;
use tokio::time::{sleep, timeout};

use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::endpoint::{World, is_whole};

const VISITORS: usize = 100;
const LEAVING: usize = 50;
/// For exchanges and for refreshes; eight more are for revocations.
const AT_ONCE: usize = 12;

/// F15: a pool that hangs is asked 32 things at once and no more; of the surplus nothing is lost.
#[rocket::async_test]
async fn thirty_two_calls_are_under_way_at_most_and_the_surplus_is_told_to_wait() {
    let world = World::start().await;
    let (arriving, staying): (Vec<_>, Vec<_>) =
        (0..VISITORS).map(|_| (Agent::new(), world.session())).unzip();
    let leaving: Vec<_> = (0..LEAVING).map(|_| world.session()).collect();
    let callbacks = join_all(arriving.iter().map(|agent| world.begin(agent))).await;
    let before: Vec<_> = staying.iter().map(Agent::cookies).collect();

    world.endpoint.answers.send_replace(false);
    let refused = AtomicUsize::new(0);
    let get = async |agent: &Agent, url: &str| {
        let page = agent.get(url).await;
        refused.fetch_add(usize::from(page.status == 503), SeqCst);
        page
    };
    let me = world.app.url("/me");
    let (origin, logout) = (world.app.url(""), world.app.url("/auth/logout"));
    let headers = [("origin", origin.as_str())];
    let pool = async {
        while refused.load(SeqCst) < 2 * (VISITORS - AT_ONCE) {
            sleep(Duration::from_millis(20)).await;
        }
        world.endpoint.answers.send_replace(true);
    };
    let all = async {
        tokio::join!(
            join_all(arriving.iter().zip(&callbacks).map(|(agent, url)| get(agent, url))),
            join_all(staying.iter().map(|agent| get(agent, &me))),
            join_all(leaving.iter().map(|agent| agent.post(&logout, &headers, &[]))),
            pool,
        )
    };
    let (arrived, stayed, left, ()) = timeout(Duration::from_secs(60), all).await.expect("all are answered");

    let peaks = [&world.endpoint.exchanges, &world.endpoint.refreshes, &world.endpoint.revocations];
    assert_eq!(peaks.map(|gauge| gauge.peak()), [AT_ONCE, AT_ONCE, 8]);
    let count = |pages: &[crate::support::agent::Page], status: u16, code: &str| {
        pages.iter().filter(|page| answer(page) == (status, code.to_owned())).count()
    };
    assert_eq!(count(&arrived, 303, ""), AT_ONCE);
    assert_eq!(count(&arrived, 503, "pool_unavailable"), VISITORS - AT_ONCE);
    assert_eq!(count(&stayed, 200, ""), AT_ONCE);
    assert_eq!(count(&stayed, 503, "session_not_renewed"), VISITORS - AT_ONCE);
    assert_eq!(count(&left, 303, ""), LEAVING);
    assert!(leaving.iter().all(|agent| agent.cookies().is_empty()));

    for ((page, agent), cookies) in stayed.iter().zip(&staying).zip(before) {
        assert!(if page.status == 200 { is_whole(agent) } else { agent.cookies() == cookies });
    }
    // Each session that could not be renewed rests for a second.
    world.advance(2);
    assert_eq!(join_all(staying.iter().map(|agent| world.me(agent))).await, [200; VISITORS]);
    assert!(staying.iter().all(is_whole));
    // Their codes were not sent, so a reload is enough.
    let again = arriving.iter().zip(&callbacks).zip(&arrived).filter(|(_, page)| page.status == 503);
    let again = join_all(again.map(async |((agent, callback), _)| {
        agent.get(callback).await;
        world.me(agent).await
    }));
    assert_eq!(again.await, [200; VISITORS - AT_ONCE]);
    assert_eq!(peaks.map(|gauge| gauge.peak()), [AT_ONCE, AT_ONCE, 8]);
}
