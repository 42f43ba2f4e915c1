//! An app with routes of its own for the sign-in, and one that keeps the mounted ones and has its say by hooks.

mod callback;
mod hooks;
mod logout;
mod refresh;
