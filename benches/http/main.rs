//! What a guard costs a server, beside an open route and a guard that only reads a header: `cargo bench --bench http`.
//!
//! This program starts itself a second time as the server, sends requests over one connection that stays open, route by
//! route in turns, and reads the server's own CPU time from the kernel. Linux only.

#[cfg(target_os = "linux")]
#[path = "../site/mod.rs"]
mod site;

#[cfg(target_os = "linux")]
mod load;

fn main() {
    #[cfg(target_os = "linux")]
    match site::process::settings() {
        Some(settings) => site::app::serve(site::app::rocket(&settings)),
        None => site::process::on_one_core(load::run),
    }
    #[cfg(not(target_os = "linux"))]
    println!("This bench reads CPU times from /proc, which only Linux has.");
}
