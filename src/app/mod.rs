//! What all parts of one running app share.

mod app;
mod hooks;
mod reasons;

pub(crate) use self::app::App;
pub use self::hooks::AppResult;
pub(crate) use self::hooks::{Hooks, asked, outcome};
