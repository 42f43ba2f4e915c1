//! What all parts of one running app share.

mod app;
mod hooks;

pub(crate) use self::app::{Core, SignInResult};
pub use self::hooks::{AppResult, HookDecision};
pub(crate) use self::hooks::{Hooks, asked, outcome};
