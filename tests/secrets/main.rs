//! Secrets stay where they belong: out of logs, answers, `Debug` and freed memory.

mod canary;
mod flow;
mod injection;
mod logged;
#[cfg(target_os = "linux")]
mod memory;
mod output;
mod process;
mod redaction;
mod reviewed;
mod sources;
#[path = "../support/mod.rs"]
mod support;
