//! What all parts of one running app share.

mod app;
mod hooks;
mod reasons;
mod session_store;
mod sign_in_parts;

pub(crate) use self::app::App;
pub use self::hooks::AppResult;
pub(crate) use self::hooks::{Hooks, RefreshHook, run, run_logged};
pub(crate) use self::reasons::SIGN_IN_REASONS;
pub(crate) use self::sign_in_parts::SignInParts;
