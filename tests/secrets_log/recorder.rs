//! A logger that keeps every record of every target.

use std::sync::{Mutex, OnceLock};

use log::{Level, LevelFilter, Log, Metadata, Record};

/// Keeps all records but one kind: at its levels `debug` and `trace` Rocket prints whole requests, as the
/// documentation of this crate says, and `normal` is what an app runs with.
pub struct Recorder(Mutex<Vec<Entry>>);

#[derive(Clone)]
pub struct Entry {
    pub target: String,
    pub level: Level,
    pub text: String,
}

impl Recorder {
    /// The one of this process.
    pub fn start() -> &'static Self {
        static RECORDER: OnceLock<Recorder> = OnceLock::new();
        static STARTED: OnceLock<()> = OnceLock::new();
        let recorder = RECORDER.get_or_init(|| Recorder(Mutex::default()));
        STARTED.get_or_init(|| {
            // Rocket sets a logger, and a level, only where there is none.
            log::set_logger(recorder).unwrap();
            log::set_max_level(LevelFilter::Trace);
        });
        assert_eq!(log::max_level(), LevelFilter::Trace);
        recorder
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap().clone()
    }

    pub fn text(&self) -> String {
        let lines = self
            .entries()
            .into_iter()
            .map(|Entry { target, level, text }| format!("{target} {level} {text}\n"));
        lines.collect()
    }
}

impl Log for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let target = record.target();
        let rockets = target == "rocket" || target.starts_with("rocket::");
        if !(rockets && record.level() > Level::Info) {
            let entry =
                Entry { target: target.to_owned(), level: record.level(), text: record.args().to_string() };
            self.0.lock().unwrap().push(entry);
        }
    }

    fn flush(&self) {}
}
