//! What the modes and the routes mean for the other settings.

use super::local_pool::LocalPoolDefaults;
use crate::config::value::url::PlainHttp;

/// What decides which settings are required, and what fills in those that are not set.
pub(crate) struct Situation<'p> {
    /// Whether the unsafe modes may run here.
    pub(crate) allows_unsafe_modes: bool,
    pub(crate) is_disabled: bool,
    /// What to type for an app to work without AWS, where it may.
    pub(crate) first_step: Option<String>,
    /// Whether people sign in at this app; if not, bearer tokens alone count.
    pub(crate) signs_in: bool,
    /// The embedded pool, where it runs.
    pub(crate) local_pool: Option<&'p LocalPoolDefaults>,
    /// What fills in settings: the embedded pool, or a stand-in where nobody is called.
    pub(crate) defaults: Option<&'p LocalPoolDefaults>,
}

impl Situation<'_> {
    /// To which hosts the app's own calls may go by plain `http`.
    pub(crate) fn plain_http(&self) -> PlainHttp {
        if self.allows_unsafe_modes { PlainHttp::Private } else { PlainHttp::Loopback }
    }
}
