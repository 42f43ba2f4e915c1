//! The application's own user: who is loaded, when, how often, and what becomes of those whom it does not know.

mod answers;
mod failures;
mod launch;
mod once;
mod world;
