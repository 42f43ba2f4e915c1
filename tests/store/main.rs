//! Stores for sessions, and the suite that judges them.

mod flawed;
mod memory;
mod suite;
