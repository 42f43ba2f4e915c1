//! How much of each request a session is.

use super::diagnosis::Check;
use crate::config::Settings;

const NAME: &str = "cookies";
/// Sizes of Cognito's tokens without claims of a trigger, in bytes.
const ACCESS_AND_ID_TOKEN: usize = 1_150 + 1_700;
const REFRESH_TOKEN: usize = 1_850;

/// Says what a session sends along with each request. What proxies in front of the app accept, nobody can ask from here.
pub(super) fn check(settings: &Settings) -> Option<Check> {
    settings.sign_in.as_ref()?;
    if settings.store.kind.is_some() {
        return Some(Check::made(NAME, "a session is one cookie of some hundred bytes", Vec::new()));
    }
    let refresh_token =
        match (settings.session.refresh_flow_enabled, settings.session.refresh_cookie_encrypted) {
            (false, _) => 0,
            (true, false) => REFRESH_TOKEN,
            // Fernet seals it, with some 250 bytes that belong to it, in base64.
            (true, true) => (REFRESH_TOKEN + 250) * 4 / 3,
        };
    let tenths = (ACCESS_AND_ID_TOKEN + refresh_token) * 10 / 1024;
    let detail = format!(
        "a session takes about {}.{} KiB of each request, more with many groups; proxies often accept 8 KiB of headers",
        tenths / 10,
        tenths % 10
    );
    Some(Check::made(NAME, detail, Vec::new()))
}
