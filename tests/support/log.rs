//! What is logged by all tests of a binary together.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, OnceLock};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// The second is of lines that Rocket indents below a request.
const OURS: [&str; 2] = ["rocket_cognito", "rocket_cognito::_"];

#[derive(Clone)]
pub struct Entry {
    pub target: String,
    pub level: Level,
    pub text: String,
}

struct Memory(Mutex<Vec<Entry>>);

static MEMORY: Memory = Memory(Mutex::new(Vec::new()));

/// Keeps what this crate says from now on. Before the first launch: a logger cannot be replaced, and Rocket sets one where
/// there is none.
pub fn record() {
    is_recorded();
}

/// Whether this logger was the first.
fn is_recorded() -> bool {
    static RECORDED: OnceLock<bool> = OnceLock::new();
    *RECORDED.get_or_init(|| {
        let first = log::set_logger(&MEMORY).is_ok();
        if first {
            log::set_max_level(LevelFilter::Info);
        }
        first
    })
}

/// Keeps what everybody says, at every level, but for one kind: at its levels `debug` and `trace` Rocket prints whole
/// requests, as the documentation of this crate says, and `normal` is what an app runs with.
pub fn record_everything() {
    assert!(is_recorded(), "an app was launched before");
    log::set_max_level(LevelFilter::Trace);
}

/// Keeps nothing from now on, for tests in which too much is said.
pub fn ignore() {
    record();
    log::set_max_level(LevelFilter::Off);
}

pub fn entries() -> Vec<Entry> {
    assert!(is_recorded(), "an app was launched before");
    MEMORY.0.lock().unwrap().clone()
}

/// All of it, whoever said it.
pub fn text() -> String {
    let lines =
        entries().into_iter().map(|Entry { target, level, text }| format!("{target} {level} {text}\n"));
    lines.collect()
}

/// The codes of `docs/log.md`, with their levels.
static CODES: LazyLock<BTreeMap<&str, Level>> = LazyLock::new(|| {
    let rows = include_str!("../../docs/log.md").lines().filter_map(|line| line.strip_prefix("| `"));
    let codes = rows.filter_map(|row| row.split_once("` | `"));
    codes.map(|(code, rest)| (code, rest.split('`').next().unwrap().parse().unwrap())).collect()
});

impl Entry {
    fn is_ours(&self) -> bool {
        OURS.contains(&self.target.as_str())
    }

    /// Holds that a line of ours begins with a code of the page, at the level that it says.
    fn check(&self) {
        let Entry { level, text, .. } = self;
        if self.is_ours() {
            let code = text.split_once(": ").map(|(code, _)| code).unwrap_or_default();
            assert_eq!(CODES.get(code), Some(level), "not as docs/log.md says: {level} {text:?}");
            assert!(!text.contains('\n'), "two lines in one: {text:?}");
        }
    }
}

fn ours(entries: Vec<Entry>) -> Vec<String> {
    let ours = entries.into_iter().filter(Entry::is_ours).inspect(Entry::check);
    ours.map(|entry| format!("{}: {}", entry.level, entry.text)).collect()
}

/// What this crate has said.
pub fn lines() -> Vec<String> {
    ours(entries())
}

/// The same since the last time.
pub fn new_lines() -> Vec<String> {
    assert!(is_recorded(), "an app was launched before");
    ours(std::mem::take(&mut *MEMORY.0.lock().unwrap()))
}

/// How many lines of this crate contain these words.
pub fn lines_with(words: &str) -> usize {
    lines().iter().filter(|line| line.contains(words)).count()
}

/// Holds that a line of this crate contains these words.
#[track_caller]
pub fn assert_said(words: &str) {
    let lines = lines();
    assert!(lines.iter().any(|line| line.contains(words)), "{words:?} is not in:\n{lines:#?}");
}

impl Log for Memory {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let rockets = target == "rocket" || target.starts_with("rocket::");
        OURS.contains(&target)
            || (log::max_level() == LevelFilter::Trace && !(rockets && metadata.level() > Level::Info))
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let (target, text) = (record.target().to_owned(), record.args().to_string());
            let entry = Entry { target, level: record.level(), text };
            self.0.lock().unwrap().push(entry.clone());
            // Here too, for tests that do not look at the log.
            entry.check();
        }
    }

    fn flush(&self) {}
}
