//! What the settings say of all sessions, beside their limits.

use crate::config::SessionSettings;

/// What the settings say of all sessions, beside their limits.
#[derive(Clone, Copy)]
pub(super) struct SessionRules {
    /// Whether refresh tokens are kept, to refresh sessions with.
    pub(super) keeps_refresh_tokens: bool,
    /// Whether those that are not kept are revoked at sign-in.
    pub(super) revokes_unused_refresh_tokens: bool,
    /// Whether guards refresh sessions by themselves.
    pub(super) auto_refresh: bool,
    /// Whether each request is held against the session's own limits, beside those of its tokens.
    pub(super) limits_sessions: bool,
}

impl SessionRules {
    pub(super) fn new(settings: &SessionSettings) -> Self {
        SessionRules {
            keeps_refresh_tokens: settings.refresh_flow_enabled,
            revokes_unused_refresh_tokens: settings.revokes_unused_refresh_tokens,
            auto_refresh: settings.auto_refresh,
            limits_sessions: settings.has_limits,
        }
    }
}
