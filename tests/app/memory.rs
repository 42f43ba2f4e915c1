//! What stays in a process that runs for long, and of visitors who never come back.

use std::fs;

use reqwest::Method;
use rocket::futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep, timeout};

use crate::process::{World, generation};
use crate::support::agent::Agent;
use crate::support::quickstart::Quickstart;
use crate::support::{TOKEN, not_tested};

const PARKED: usize = 100_000;
/// Until allocator and runtime have what they need.
const WARM_UP: usize = 10_000;
const CONNECTIONS: usize = 8;
/// Requests that are sent before the first of their answers is read.
const BATCH: usize = 50;
/// Fifty bytes for each sign-in that was begun.
const MEMORY: usize = 5 * 1024 * 1024;
/// Without what is printed of each request.
/// Tokens are remembered within bounds, which a long run is to have filled before it is measured.
const QUIET: [(&str, &str); 2] =
    [("ROCKET_LOG_LEVEL", "critical"), ("ROCKET_COGNITO_TOKEN_CACHE_ENTRIES", "100")];
const SESSIONS: usize = 8;
const REQUESTS: usize = 20_000;
const RENEWALS: usize = 2_000;
/// A guard against waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// The memory of a process, where the system tells it.
fn resident_memory(app: &Quickstart) -> Option<usize> {
    let status = fs::read_to_string(format!("/proc/{}/status", app.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes * 1024)
}

/// How many files and sockets a process has open, where the system tells it.
fn descriptors(app: &Quickstart) -> Option<usize> {
    Some(fs::read_dir(format!("/proc/{}/fd", app.id())).ok()?.count())
}

#[track_caller]
fn assert_flat(before: Option<usize>, after: Option<usize>) {
    match before.zip(after) {
        Some((before, after)) => {
            let grown = after.saturating_sub(before);
            assert!(grown <= MEMORY, "{grown} bytes more than {before}");
        }
        None => not_tested("memory and files, which this system does not tell"),
    }
}

/// Visitors who begin a sign-in and are gone.
async fn park(world: &World, count: usize) {
    let begin = format!("GET /auth/login?next=/me HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
    let begin = begin.repeat(BATCH);
    let leave = async |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", world.port)).await.unwrap();
        for _ in 0..count / CONNECTIONS / BATCH {
            stream.write_all(begin.as_bytes()).await.unwrap();
            let (mut answers, mut bytes) = (Vec::new(), [0; 16 * 1024]);
            while !answers.ends_with(b"\r\n\r\n") || heads(&answers) < BATCH {
                let count = stream.read(&mut bytes).await.unwrap();
                assert_ne!(count, 0, "the connection is kept");
                answers.extend_from_slice(&bytes[..count]);
            }
            let answers = String::from_utf8(answers).unwrap();
            assert_eq!(answers.matches("HTTP/1.1 303 See Other\r\n").count(), BATCH, "{answers:.400}");
        }
    };
    join_all((0..CONNECTIONS).map(leave)).await;
}

fn heads(answers: &[u8]) -> usize {
    answers.windows(4).filter(|bytes| bytes == b"\r\n\r\n").count()
}

/// O6, O14: what is known of a sign-in that has begun lies in the browser alone, and the pool is not asked.
#[rocket::async_test]
async fn sign_ins_that_nobody_completes_take_no_memory_and_make_no_call() {
    let world = World::start(|pool| pool).await;
    let app = world.launch(&QUIET).await;
    park(&world, WARM_UP).await;
    let before = resident_memory(&app);
    park(&world, PARKED).await;
    assert_flat(before, resident_memory(&app));
    for path in [TOKEN, "/oauth2/revoke", "/oauth2/authorize"] {
        assert_eq!(world.pool.requests(path), 0, "{path}");
    }
    world.signed_in("alice").await;
}

/// Each browser's share of requests and renewals.
async fn use_app(world: &World, browsers: &[Agent], requests: usize, renewals: usize) {
    let each = |count: usize| count / browsers.len();
    join_all(browsers.iter().map(async |agent| {
        let every = requests / renewals;
        for number in 0..each(requests) {
            assert_eq!(world.me(agent).await, 200);
            if number % every == 0 {
                let headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
                let renewed = agent.send(Method::POST, &world.url("/auth/refresh"), &headers, None).await;
                assert_eq!(renewed.status, 204, "{}", renewed.body);
            }
        }
    }))
    .await;
}

/// O4.
#[rocket::async_test]
async fn a_long_run_leaves_neither_memory_nor_connections_behind() {
    let world = World::start(|pool| pool.refresh_token_rotation(true)).await;
    let app = world.launch(&QUIET).await;
    let at_rest = descriptors(&app);
    let browsers = join_all((0..SESSIONS).map(|_| world.signed_in("alice"))).await;
    use_app(&world, &browsers, REQUESTS / 4, RENEWALS / 4).await;
    let before = resident_memory(&app);
    use_app(&world, &browsers, REQUESTS, RENEWALS).await;
    assert_flat(before, resident_memory(&app));
    let renewals = u64::try_from((RENEWALS + RENEWALS / 4) / SESSIONS).unwrap();
    assert!(browsers.iter().all(|agent| generation(agent) >= renewals));

    // With their other ends all connections end.
    drop(browsers);
    let World { pool, .. } = world;
    pool.stop().await;
    let ended = async {
        while descriptors(&app) > at_rest {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, ended).await.expect("no file or socket stays open");
}
