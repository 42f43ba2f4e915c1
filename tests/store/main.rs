//! Stores for sessions, and the suite that judges them.

mod example;
mod flawed;
mod memory;
mod suite;
