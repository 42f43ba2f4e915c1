//! What a guard costs a server in allocations and instructions, which do not depend on the machine's other work:
//! `cargo bench --bench counts`.
//!
//! This program starts itself a second time as the server: once to count allocations, and then, for each case twice,
//! under Valgrind, to count instructions. On one core with the load, so that each request finds the server waiting. Linux
//! only.

#[cfg(target_os = "linux")]
#[path = "../site/mod.rs"]
mod site;

#[cfg(target_os = "linux")]
mod allocations;
#[cfg(target_os = "linux")]
mod instructions;
#[cfg(target_os = "linux")]
mod table;

fn main() {
    #[cfg(target_os = "linux")]
    match site::process::settings() {
        Some(settings) => site::app::serve(allocations::count(site::app::rocket(&settings))),
        None => site::process::on_one_core(table::run),
    }
    #[cfg(not(target_os = "linux"))]
    println!("This bench starts programs that only Linux has.");
}
