//! How long sessions last, and whether guards renew them.

use super::key;
use super::load::MAX_COOKIE_AGE;
use super::reader::Reader;

/// 30 days.
const DEFAULT_MAX: u64 = 30 * 86_400;

pub(super) struct Limits {
    pub(super) idle: Option<u64>,
    pub(super) max: u64,
    /// Whether any of them is set, rather than a default.
    pub(super) are_set: bool,
}

pub(super) fn limits(reader: &mut Reader) -> Limits {
    let mut limit = |key| {
        let limit = reader.number(key, 60..=MAX_COOKIE_AGE, DEFAULT_MAX);
        reader.is_set(key).then_some(limit)
    };
    let (idle, max) = (limit(&key::SESSION_IDLE_SECONDS), limit(&key::SESSION_MAX_SECONDS));
    Limits { idle, max: max.unwrap_or(DEFAULT_MAX), are_set: idle.is_some() || max.is_some() }
}

pub(super) fn auto_refresh(reader: &mut Reader, refresh_flow_enabled: bool) -> bool {
    let auto_refresh = reader.flag(&key::AUTO_REFRESH, refresh_flow_enabled);
    if auto_refresh && !refresh_flow_enabled {
        reader.wrong(&key::AUTO_REFRESH, "is on, but `refresh_flow_enabled` is not");
    }
    auto_refresh
}
