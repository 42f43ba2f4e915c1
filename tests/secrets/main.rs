//! Secrets stay where they belong: out of logs, answers, `Debug` and freed memory.

#[path = "../flow/app.rs"]
mod app;
mod canary;
mod flow;
#[cfg(target_os = "linux")]
mod memory;
mod output;
mod pool;
mod process;
mod redaction;
#[allow(dead_code, reason = "only its endpoint is needed")]
#[path = "../sign_in_bad_input/rig.rs"]
mod rig;
#[path = "../flow/sealing.rs"]
mod sealing;
mod sources;
#[path = "../support/mod.rs"]
mod support;
