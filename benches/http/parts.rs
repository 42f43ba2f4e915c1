//! The parts of this bench, each in a process of its own.

mod cpu;
mod guards;
mod idle;
mod junk;
mod latency;
mod launch;
mod memory;
mod pool;
mod redirects;
mod redis;
mod redis_sessions;
mod refresh;
mod rotation;
mod samples;
mod store;
mod throughput;
mod traffic;

use crate::site::process::{LOAD_ON_ANOTHER_CORE, LOAD_ON_ONE_CORE, again};

/// The variable that tells a process its part.
const PART: &str = "BENCH_PART";

struct Part {
    name: &'static str,
    /// Where its load runs; the server has a core of its own choice.
    load: &'static [&'static str],
    run: fn(),
}

const PARTS: [Part; 15] = [
    Part { name: "guards", load: &LOAD_ON_ONE_CORE, run: guards::run },
    Part { name: "junk", load: &LOAD_ON_ONE_CORE, run: junk::run },
    Part { name: "store", load: &LOAD_ON_ONE_CORE, run: store::run },
    Part { name: "redis", load: &LOAD_ON_ONE_CORE, run: redis::run },
    Part { name: "redis-rate", load: &LOAD_ON_ANOTHER_CORE, run: redis::rate },
    Part { name: "redis-idle", load: &LOAD_ON_ANOTHER_CORE, run: redis::idle },
    Part { name: "redis-memory", load: &LOAD_ON_ANOTHER_CORE, run: redis_sessions::run },
    Part { name: "redirects", load: &LOAD_ON_ONE_CORE, run: redirects::run },
    Part { name: "latency", load: &LOAD_ON_ONE_CORE, run: latency::run },
    Part { name: "refresh", load: &LOAD_ON_ANOTHER_CORE, run: refresh::run },
    Part { name: "rotation", load: &LOAD_ON_ANOTHER_CORE, run: rotation::run },
    Part { name: "throughput", load: &LOAD_ON_ANOTHER_CORE, run: throughput::run },
    Part { name: "launch", load: &LOAD_ON_ANOTHER_CORE, run: launch::run },
    Part { name: "memory", load: &LOAD_ON_ANOTHER_CORE, run: memory::run },
    Part { name: "idle", load: &LOAD_ON_ANOTHER_CORE, run: idle::run },
];

/// Runs the parts that the command line names, or all of them.
pub fn run() {
    if let Ok(name) = std::env::var(PART) {
        let part = PARTS.iter().find(|part| part.name == name).expect("a part");
        return (part.run)();
    }
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        eprintln!("There is no part {unknown}; there are {}.", PARTS.map(|part| part.name).join(", "));
        std::process::exit(1);
    }
    for part in PARTS.iter().filter(|part| wanted.is_empty() || wanted.iter().any(|name| name == part.name)) {
        assert!(again(part.load, (PART, part.name)).success(), "{} failed", part.name);
    }
}
