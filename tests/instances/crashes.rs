//! Processes that are killed, paused or stopped while the pool has carried out their refreshes, and not answered yet.

use std::time::{Duration, Instant};

use reqwest::Method;
use rocket::futures::future::join_all;
use rocket_cognito::local_pool::Hold;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::site::{PATIENCE, Site, rotating};
use crate::support::quickstart::Quickstart;
use crate::support::{TOKEN, free_port};
use crate::visitor::{Answer, Visitor};

/// Sessions that a process refreshes at once; it makes no more than twelve calls at a time.
const EACH: usize = 10;

/// Processes in the middle of refreshes.
struct MidRefresh {
    processes: Vec<Quickstart>,
    visitors: Vec<Visitor>,
    requests: Vec<JoinHandle<Option<Answer>>>,
    hold: Hold,
}

/// So many processes beside those of the site, each of which waits for the pool's answers to refreshes of [`EACH`] sessions.
async fn mid_refresh(site: &Site, count: usize, variables: &[(&str, &str)]) -> MidRefresh {
    let ports: Vec<_> = (0..count).map(|_| free_port()).collect();
    let processes = join_all(ports.iter().map(|port| site.launch(*port, variables))).await;
    let visitors = site.many_expired_in_store("alice", count * EACH).await;
    let hold = site.pool.hold(TOKEN);
    let requests = visitors.iter().enumerate().map(|(number, visitor)| {
        let url = format!("http://localhost:{}/me", ports[number / EACH]);
        let visitor = visitor.clone();
        // Who is killed does not answer.
        tokio::spawn(async move { visitor.ask(Method::GET, &url).await.ok().map(|(answer, _)| answer) })
    });
    let requests: Vec<_> = requests.collect();
    timeout(PATIENCE, hold.reached(count * EACH)).await.expect("all refreshes reach the pool");
    MidRefresh { processes, visitors, requests, hold }
}

/// O2: ten processes, each killed in the middle of ten refreshes.
#[rocket::async_test]
async fn sessions_of_killed_processes_go_on_at_others_within_the_grace() {
    let Some(site) = Site::start(rotating(60), 2, &[]).await else { return };
    let calls = site.calls() + 1;
    let MidRefresh { processes, visitors, hold, .. } = mid_refresh(&site, 10, &[]).await;
    // By SIGKILL.
    drop(processes);
    drop(hold);
    let killed_at = Instant::now();
    site.assert_all_served(&visitors).await;
    eprintln!("100 sessions of killed processes are served after {:?}", killed_at.elapsed());
    site.assert_generation(&visitors, 2).await;
    assert_eq!(site.calls() - calls, 200, "what was lost is asked for once more");
}

/// O2, F6: the pool refuses what a paused process has used up, and the process has the new token.
#[rocket::async_test]
async fn no_session_is_lost_to_a_process_that_is_paused_for_longer_than_its_lease() {
    let Some(site) = Site::start(rotating(0), 2, &[]).await else { return };
    let MidRefresh { processes, visitors, hold, .. } = mid_refresh(&site, 2, &[]).await;
    let calls = site.calls();
    processes.iter().for_each(|process| process.signal("STOP"));
    drop(hold);
    let url = site.url("/me");
    let refused = async {
        while site.calls() - calls < visitors.len() as u64 {
            for answer in join_all(visitors.iter().map(|visitor| visitor.get(&url))).await {
                assert_eq!(answer.status, 503, "{answer:?}");
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, refused).await.expect("the leases run out, and others ask");
    site.assert_generation(&visitors, 1).await;
    processes.iter().for_each(|process| process.signal("CONT"));
    site.assert_all_served(&visitors).await;
    site.assert_generation(&visitors, 2).await;
}

/// O1: ten processes, each asked to stop in the middle of ten refreshes.
#[rocket::async_test]
async fn no_session_is_lost_to_processes_that_are_stopped_in_the_middle_of_refreshes() {
    let Some(site) = Site::start(rotating(0), 2, &[]).await else { return };
    let calls = site.calls() + 1;
    let grace = [("ROCKET_SHUTDOWN", "{grace=20,mercy=20}"), ("ROCKET_LOG_LEVEL", "normal")];
    let MidRefresh { processes, visitors, requests, hold } = mid_refresh(&site, 10, &grace).await;
    processes.iter().for_each(Quickstart::terminate);
    let stopping = async {
        while !processes.iter().all(|process| process.output().contains("Shutdown requested")) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, stopping).await.expect("all have heard of it");
    drop(hold);
    for answer in join_all(requests).await {
        assert_eq!(answer.unwrap().map(|answer| answer.status), Some(200));
    }
    for (status, output) in join_all(processes.into_iter().map(Quickstart::ended)).await {
        assert!(status.success(), "{output}");
    }
    site.assert_all_served(&visitors).await;
    site.assert_generation(&visitors, 2).await;
    assert_eq!(site.calls() - calls, 100);
}
