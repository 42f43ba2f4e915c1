//! A guard before routes that are there already.

mod launch;
mod routes;
mod table;
