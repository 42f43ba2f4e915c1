//! How long sessions last, and how they are renewed.

use super::cookies::MAX_COOKIE_AGE;
use crate::config::key;
use crate::config::reader::Reader;

/// The settings about sessions.
#[derive(Debug, Clone)]
pub(crate) struct SessionSettings {
    /// Whether refresh tokens are kept, to renew sessions with.
    pub(crate) refresh_flow_enabled: bool,
    /// Whether those that are not kept are revoked at sign-in.
    pub(crate) revokes_unused_refresh_tokens: bool,
    pub(crate) refresh_cookie_encrypted: bool,
    pub(crate) refresh_cookie_age_seconds: u64,
    /// Whether guards renew sessions by themselves.
    pub(crate) auto_refresh: bool,
    /// How long before the access token expires.
    pub(crate) refresh_ahead_seconds: u64,
    /// After how long without a request a session is over.
    pub(crate) idle_seconds: Option<u64>,
    /// How long after sign-in a session is over.
    pub(crate) max_seconds: u64,
    /// Whether one of the two above is set: then each request is checked against them, beside its tokens' expiry.
    pub(crate) has_limits: bool,
}

impl SessionSettings {
    pub(crate) fn read(reader: &mut Reader) -> SessionSettings {
        let refresh_flow_enabled = reader.flag(&key::REFRESH_FLOW_ENABLED);
        let idle_seconds = reader.optional_number(&key::SESSION_IDLE_SECONDS, 60..=MAX_COOKIE_AGE);
        SessionSettings {
            refresh_flow_enabled,
            revokes_unused_refresh_tokens: reader.flag(&key::REVOKE_UNUSED_REFRESH_TOKEN),
            refresh_cookie_encrypted: reader.flag(&key::REFRESH_COOKIE_ENCRYPTED),
            refresh_cookie_age_seconds: reader.number(&key::REFRESH_COOKIE_AGE_SECONDS, 1..=MAX_COOKIE_AGE),
            auto_refresh: auto_refresh(reader, refresh_flow_enabled),
            refresh_ahead_seconds: reader.number(&key::REFRESH_AHEAD_SECONDS, 0..=3600),
            idle_seconds,
            max_seconds: reader.number(&key::SESSION_MAX_SECONDS, 60..=MAX_COOKIE_AGE),
            has_limits: idle_seconds.is_some() || reader.is_set(&key::SESSION_MAX_SECONDS),
        }
    }
}

fn auto_refresh(reader: &mut Reader, refresh_flow_enabled: bool) -> bool {
    let auto_refresh = reader.optional_flag(&key::AUTO_REFRESH).unwrap_or(refresh_flow_enabled);
    if auto_refresh && !refresh_flow_enabled {
        reader.wrong(&key::AUTO_REFRESH, "is on, but `refresh_flow_enabled` is not");
    }
    auto_refresh
}
