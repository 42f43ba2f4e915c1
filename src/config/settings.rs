//! All settings, in sections.

use super::section::bearer::BearerSettings;
use super::section::client::OwnClient;
use super::section::cookies::CookieSettings;
use super::section::disabled::Disabled;
use super::section::keys::KeySettings;
use super::section::pool::PoolSettings;
use super::section::session::SessionSettings;
use super::section::sign_in::SignInSettings;

/// Every setting, checked. Nothing further down asks Figment anything.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) pool: PoolSettings,
    /// `None` where the app only accepts the tokens of other clients.
    pub(crate) client: Option<OwnClient>,
    /// `None` where nobody signs in, and bearer tokens alone are accepted.
    pub(crate) sign_in: Option<SignInSettings>,
    pub(crate) cookies: CookieSettings,
    pub(crate) session: SessionSettings,
    pub(crate) bearer: BearerSettings,
    pub(crate) keys: KeySettings,
    /// In disabled mode: then the pool above may be a stand-in, and nobody is to call it.
    pub(crate) disabled: Option<Disabled>,
}
