//! What the crate has logged, in all tests together.

use std::sync::Mutex;

use log::{LevelFilter, Log, Metadata, Record};

struct Memory(Mutex<Vec<String>>);

static MEMORY: Memory = Memory(Mutex::new(Vec::new()));

/// Reads along from now on. Before any app starts: a logger cannot be replaced, and Rocket has one.
pub fn listen() {
    // Another test may have been first.
    let _ = log::set_logger(&MEMORY);
    log::set_max_level(LevelFilter::Info);
}

/// Holds that a line contains this.
#[track_caller]
pub fn assert_said(words: &str) {
    let lines = MEMORY.0.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains(words)), "{words:?} is not in:\n{lines:#?}");
}

impl Log for Memory {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "rocket_cognito"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.lock().unwrap().push(format!("{}: {}", record.level(), record.args()));
        }
    }

    fn flush(&self) {}
}
