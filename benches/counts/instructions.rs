//! How many instructions the server executes.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::site::process::{ON_ONE_CORE, Server};
use crate::site::requests::Case;

const REQUESTS: usize = 500;

pub fn are_countable() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Instructions for each request: what a server spends on twice as many, less what it spends on so many; the median
/// of a few, since now and then a server polls once more.
pub fn measure(settings: &Value, case: &Case) -> f64 {
    let requests = REQUESTS.max(case.variety());
    let mut counted = [(); 3]
        .map(|()| (total(settings, case, 2 * requests) - total(settings, case, requests)) / requests as f64);
    counted.sort_by(f64::total_cmp);
    counted[1]
}

/// Of a server from its start to its end. The profile stays, for `callgrind_annotate`.
fn total(settings: &Value, case: &Case, requests: usize) -> f64 {
    let name = case.name.replace([',', ' '], "-");
    let [log, profile] =
        ["log", "profile"].map(|kind| format!("{}/{name}.{kind}", env!("CARGO_TARGET_TMPDIR")));
    let (log_file, profile_file) = (format!("--log-file={log}"), format!("--callgrind-out-file={profile}"));
    let valgrind = ["valgrind", "--tool=callgrind", &log_file, &profile_file];
    let server = Server::start(&[&ON_ONE_CORE[..], &valgrind].concat(), settings, &[]);
    case.send(server.port(), requests);
    server.stop();
    let text = fs::read_to_string(&log).expect("what Valgrind says at the end");
    let collected = text.lines().find_map(|line| line.split_once("Collected : ")).expect("a total");
    collected.1.trim().parse().expect("a number")
}
