//! What a guard costs a server: `cargo bench --bench http`, or `cargo bench --bench http -- junk` for one part.
//!
//! This program starts itself again: as the server, sometimes of a bare Rocket app, and as the load of each part. What
//! is compared takes turns within one run, and the server's own CPU time is read from the kernel. Linux only.

#[cfg(target_os = "linux")]
#[path = "../../tests/support/agent.rs"]
#[allow(dead_code, reason = "only sign-ins are done here")]
mod agent;

#[cfg(target_os = "linux")]
#[path = "../site/mod.rs"]
mod site;

#[cfg(target_os = "linux")]
#[path = "../../tests/support/sealing.rs"]
#[allow(dead_code, reason = "sessions are sealed here, and never opened")]
mod sealing;

#[cfg(target_os = "linux")]
mod parts;

fn main() {
    #[cfg(target_os = "linux")]
    match site::process::settings() {
        Some(settings) => site::app::serve(site::app::rocket(&settings)),
        None => parts::run(),
    }
    #[cfg(not(target_os = "linux"))]
    println!("This bench reads CPU times from /proc, which only Linux has.");
}
