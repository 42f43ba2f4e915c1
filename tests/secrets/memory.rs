//! What a process still remembers of a sign-in that is over: its memory, read through `/proc`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::{Duration, Instant};

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use serde_json::json;
use tokio::time::sleep;

use crate::canary::spellings;
use crate::process;
use crate::support::pool::{CLIENT_SECRET, Pool, SECRET_KEY, Visit};
use crate::support::quickstart::Quickstart;
use crate::support::rig::{Reply, endpoints};

const PAGE: usize = 4096;
/// For what a task that has answered already is about to drop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A secret in all its spellings.
type Needles = Vec<Vec<u8>>;

fn needles(secret: &str) -> Needles {
    spellings(secret).into_iter().map(String::into_bytes).collect()
}

/// The keys of AES and of HMAC that seal cookies of one purpose.
fn subkeys(purpose: &str) -> [Needles; 2] {
    let (label, mut subkey) = (format!("rocket-cognito/v1/{purpose}"), [0; 32]);
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(SECRET_KEY.as_bytes());
    extracted.expand(&[label.as_bytes()], HKDF_SHA256).unwrap().fill(&mut subkey).unwrap();
    [&subkey[..16], &subkey[16..]].map(|half| vec![half.to_vec()])
}

/// All that a process may write to, without the pages that hold nothing.
fn memory(process: &Quickstart) -> Vec<Vec<u8>> {
    let folder = format!("/proc/{}", process.id());
    let maps = std::fs::read_to_string(format!("{folder}/maps")).unwrap();
    let mut file = File::open(format!("{folder}/mem")).unwrap();
    let mut areas = Vec::new();
    for line in maps.lines().filter(|line| line.split(' ').nth(1).unwrap().starts_with("rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        file.seek(SeekFrom::Start(start)).unwrap();
        let mut area = Vec::new();
        for _ in 0..(end - start) as usize / PAGE {
            let mut page = [0; PAGE];
            if file.read_exact(&mut page).is_err() {
                // Unmapped since.
                break;
            }
            if page != [0; PAGE] {
                area.extend(page);
            } else if !area.is_empty() {
                areas.push(std::mem::take(&mut area));
            }
        }
        areas.push(area);
    }
    areas
}

/// How often each of the secrets stands in the memory of `process`.
fn count(process: &Quickstart, secrets: &[Needles]) -> Vec<usize> {
    let mut by_beginning: HashMap<&[u8], Vec<(usize, &[u8])>> = HashMap::new();
    for (index, needles) in secrets.iter().enumerate() {
        for needle in needles {
            by_beginning.entry(&needle[..2]).or_default().push((index, needle));
        }
    }
    let mut counts = vec![0; secrets.len()];
    for area in memory(process) {
        for (at, beginning) in area.windows(2).enumerate() {
            for (index, needle) in by_beginning.get(beginning).into_iter().flatten() {
                counts[*index] += usize::from(area[at..].starts_with(needle));
            }
        }
    }
    counts
}

/// So many complete sign-ins and sign-outs, and as many that the pool refuses.
async fn visit(process: &Quickstart, pool: &Pool, times: usize) {
    for _ in 0..times {
        let visit = Visit::begin(&process.url("")).await;
        visit.sign_in(pool).await;
        visit.sign_out().await;
        let refusal = Reply::json(400, &json!({ "error": "invalid_grant" }));
        assert_eq!(Visit::begin(&process.url("")).await.deliver(pool, refusal).await.status, 400);
    }
}

/// X4.
#[rocket::async_test]
async fn of_finished_sign_ins_no_verifier_stays_in_memory_and_no_secret_more_often_than_before() {
    let pool = Pool::start(endpoints()).await;
    // What threads leave on their stacks is to depend on sign-ins alone.
    let process = process::with_pool(&pool, &[("ROCKET_WORKERS", "1")]).await;
    let mut kept = vec![needles(CLIENT_SECRET), needles(SECRET_KEY)];
    kept.extend(subkeys("login").into_iter().chain(subkeys("refresh")));

    visit(&process, &pool, 5).await;
    let first = count(&process, &kept);
    visit(&process, &pool, 5).await;
    // What a buffer holds at the moment may be in either count.
    let before: Vec<_> =
        first.into_iter().zip(count(&process, &kept)).map(|(one, other)| one.max(other)).collect();
    assert!(before.iter().all(|count| *count > 0), "what is in use is found: {before:?}");
    visit(&process, &pool, 60).await;

    let verifiers: Vec<_> = pool.verifiers().iter().map(|verifier| needles(verifier)).collect();
    assert_eq!(verifiers.len(), 140);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left: usize = count(&process, &verifiers).iter().sum();
        let after = count(&process, &kept);
        let more = before.iter().zip(&after).any(|(before, after)| after > before);
        if left == 0 && !more {
            break;
        }
        assert!(Instant::now() < deadline, "{left} verifiers; kept {before:?} before and {after:?} after");
        sleep(Duration::from_millis(200)).await;
    }
}
