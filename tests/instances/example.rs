//! The example as people run it.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::site::PATIENCE;
use crate::support::agent::Agent;
use crate::support::quickstart::Quickstart;
use crate::support::{SAME_ORIGIN, free_port, installed, not_tested};

const POLL: Duration = Duration::from_millis(20);

/// The example when it has said what to open, and its address.
async fn start() -> Option<(Quickstart, String)> {
    installed("redis-server", "redis-server")?;
    installed("haproxy", "haproxy")?;
    // It takes free ports, whatever the environment says.
    let example = Quickstart::spawn_example("three_instances", free_port(), &[]);
    let explained = async {
        while !example.output().contains("Ctrl-C ends all of it.") {
            sleep(POLL).await;
        }
    };
    timeout(PATIENCE, explained).await.expect("it says what to open");
    let output = example.output();
    let address = output.split_once("Open ").unwrap().1.split(' ').next().unwrap().to_owned();
    Some((example, address))
}

/// Who answers a request of this browser.
async fn instance(agent: &Agent, address: &str) -> String {
    let page = agent.get(&format!("{address}/me")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page.body.strip_prefix("alice at instance ").unwrap().to_owned()
}

/// Returns when exactly these instances answer, and alice is signed in at each.
async fn answer(names: &[&str], agent: &Agent, address: &str) {
    let wanted: BTreeSet<_> = names.iter().map(|&name| name.to_owned()).collect();
    let answered = async {
        loop {
            let mut answered = BTreeSet::new();
            for _ in 0..6 {
                answered.insert(instance(agent, address).await);
            }
            if answered == wanted {
                return;
            }
        }
    };
    timeout(PATIENCE, answered).await.expect("these instances answer");
}

/// The process ids of an instance as the example prints them.
fn printed_id(example: &Quickstart, name: &str) -> String {
    let output = example.output();
    output.split_once(&format!(" ({name})")).unwrap().0.rsplit(' ').next().unwrap().to_owned()
}

#[rocket::async_test]
async fn three_instances_serve_one_session_and_any_of_them_may_stop_or_crash() {
    let Some((mut example, address)) = start().await else { return };
    let (agent, second) = (Agent::new(), Agent::new());
    for agent in [&agent, &second] {
        let page = agent.sign_in(&format!("{address}/auth/login?next=/"), "alice").await;
        assert!(page.body.contains("You are signed in as <strong>alice</strong>"), "{}", page.body);
    }
    answer(&["a", "b", "c"], &agent, &address).await;
    example.type_line("b");
    answer(&["a", "c"], &agent, &address).await;
    example.type_line("b");
    answer(&["a", "b", "c"], &agent, &address).await;
    let kill = std::process::Command::new("kill").args(["-9", &printed_id(&example, "a")]).status().unwrap();
    assert!(kill.success());
    answer(&["b", "c"], &agent, &address).await;
    example.type_line("a");
    answer(&["a", "b", "c"], &agent, &address).await;

    let ended = agent.post(&format!("{address}/sessions/end-all"), &SAME_ORIGIN, &[]).await;
    let page = agent.get(&ended.location()).await;
    assert!(page.body.contains("Ended at every instance: 2."), "{}", page.body);
    for agent in [&agent, &second] {
        let page = agent.get(&address).await;
        assert!(page.body.contains("You are not signed in."), "{}", page.body);
    }
}

/// The process and all that it has started, and these in turn.
fn family(id: u32) -> Vec<u32> {
    let mut family = vec![id];
    let mut place = 0;
    while let Some(parent) = family.get(place).copied() {
        let tasks = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
        for task in tasks {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            family.extend(children.split_whitespace().map(|child| child.parse::<u32>().unwrap()));
        }
        place += 1;
    }
    family
}

#[rocket::async_test]
async fn three_instances_leave_no_process_however_they_end() {
    if !fs::exists("/proc/self/task").unwrap() {
        return not_tested("there is no /proc to find processes in");
    }
    for signal in ["INT", "TERM", "KILL"] {
        let Some((example, _)) = start().await else { return };
        let (id, family) = (example.id(), family(example.id()));
        // Itself, three instances, and redis-server and haproxy with two keepers each.
        assert_eq!(family.len(), 10, "{family:?}");
        example.signal(signal);
        let (status, output) = example.ended().await;
        assert_eq!(status.success(), signal == "INT", "{output}");
        let gone = async {
            while family.iter().any(|id| fs::exists(format!("/proc/{id}")).unwrap()) {
                sleep(POLL).await;
            }
        };
        timeout(PATIENCE, gone).await.expect("nothing is left running");
        let file = std::env::temp_dir().join(format!("three_instances-{id}.cfg"));
        assert!(!file.exists(), "haproxy's configuration is left");
    }
}
