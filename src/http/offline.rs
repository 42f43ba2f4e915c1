//! What answers calls where there is no server.

use std::fmt;

/// Answers calls in the place of a server: the pool of a test does.
pub(crate) trait Offline: fmt::Debug + Send + Sync {
    /// Status and JSON of the answer to a form, or to a GET where there is none; `None`: no server is there.
    fn answer(&self, form: Option<&[(&str, &str)]>) -> Option<(u16, String)>;
}
