//! What a guard costs a server, beside an open route and a guard that only reads a header: `cargo bench --bench http`.
//!
//! This program starts itself a second time as the server, sends requests over one connection that stays open, route by
//! route in turns, and reads the server's own CPU time from the kernel. Linux only.

#[cfg(target_os = "linux")]
mod server;

#[cfg(target_os = "linux")]
mod load;

fn main() {
    #[cfg(target_os = "linux")]
    match std::env::var(server::SETTINGS) {
        Ok(settings) => server::run(&settings),
        Err(_) => load::run(),
    }
    #[cfg(not(target_os = "linux"))]
    println!("This bench reads CPU times from /proc, which only Linux has.");
}
