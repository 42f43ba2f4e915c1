//! The codes that the lines of the log begin with, and what follows from each, in one table. `docs/log.md` explains them.

use log::Level;

/// What follows from a code.
pub(super) struct Row {
    /// What a line of the log begins with: a stable name, for searches and alarms.
    pub(super) name: &'static str,
    pub(super) level: Level,
    pub(super) frequency: Frequency,
}

/// How often a code is in the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    /// Whenever it happens.
    EachTime,
    /// Whenever an app launches, and never later.
    AtLaunch,
    /// Once a minute for each cause: visitors may make it happen again and again.
    OnceAMinute,
    /// Whenever an app launches, and once a minute later.
    AtLaunchThenOnceAMinute,
}

/// Makes the enum and its table.
macro_rules! codes {
    ($($code:ident: $name:literal, $level:ident, $frequency:ident;)+) => {
        /// What happened, for the log. Events that need the same remedy share a code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[cfg_attr(
            not(all(feature = "local-pool", feature = "redis", feature = "templates", feature = "testing")),
            allow(dead_code, reason = "some belong to features that are off")
        )]
        pub(super) enum LogCode { $($code),+ }

        impl LogCode {
            #[cfg(test)]
            const ALL: &[LogCode] = &[$(LogCode::$code),+];

            pub(super) const fn row(self) -> Row {
                match self {
                    $(LogCode::$code => {
                        Row { name: $name, level: Level::$level, frequency: Frequency::$frequency }
                    })+
                }
            }
        }
    };
}

codes! {
    // The launch.
    LaunchRefused: "cognito_launch_refused", Error, AtLaunch;
    Launched: "cognito_launched", Info, AtLaunch;
    FairingMissing: "cognito_fairing_missing", Error, AtLaunch;
    CatcherMissing: "cognito_catcher_missing", Warn, AtLaunchThenOnceAMinute;
    RouteMissing: "cognito_route_missing", Warn, AtLaunch;
    CallbackAlreadyMounted: "cognito_callback_already_mounted", Error, AtLaunch;
    TemplateRejected: "cognito_template_rejected", Error, AtLaunch;

    // Settings.
    AuthenticationDisabled: "cognito_authentication_disabled", Warn, AtLaunch;
    CalledByPlainHttp: "cognito_called_by_plain_http", Warn, AtLaunch;
    ExpirationUnchecked: "cognito_expiration_unchecked", Warn, AtLaunch;
    OwnUrlElsewhere: "cognito_own_url_elsewhere", Warn, AtLaunch;
    ProxyHeaderUndeclared: "cognito_proxy_header_undeclared", Warn, AtLaunch;
    RefreshNotEnabled: "cognito_refresh_not_enabled", Error, AtLaunch;
    RequestsLogged: "cognito_requests_logged", Warn, AtLaunch;
    SecretKeyGenerated: "cognito_secret_key_generated", Warn, AtLaunch;
    SessionStoreMissing: "cognito_session_store_missing", Error, AtLaunch;
    SettingUnused: "cognito_setting_unused", Warn, AtLaunch;
    SignInNotConfigured: "cognito_sign_in_not_configured", Error, OnceAMinute;

    // Keys, and the user pool.
    KeysLoaded: "cognito_keys_loaded", Info, EachTime;
    KeysLeftOut: "cognito_keys_left_out", Warn, EachTime;
    KeysNotLoaded: "cognito_keys_not_loaded", Warn, EachTime;
    ClientRefused: "cognito_client_refused", Error, EachTime;
    ClientSecretFileUnread: "cognito_client_secret_file_unread", Warn, OnceAMinute;
    ClientSecretRead: "cognito_client_secret_read", Info, EachTime;
    ClientSecretRefused: "cognito_client_secret_refused", Warn, EachTime;
    TokenContradictsSettings: "cognito_token_contradicts_settings", Error, EachTime;
    TooManyCalls: "cognito_too_many_calls", Warn, OnceAMinute;

    // Requests.
    BearerTokenUnaccepted: "cognito_bearer_token_unaccepted", Warn, OnceAMinute;
    CrossSiteRefused: "cognito_cross_site_refused", Warn, OnceAMinute;
    GuardRefused: "cognito_guard_refused", Warn, EachTime;
    HostRefused: "cognito_host_refused", Warn, OnceAMinute;
    SessionTokenUnaccepted: "cognito_session_token_unaccepted", Warn, OnceAMinute;
    TokenRefused: "cognito_token_refused", Info, OnceAMinute;

    // Sign-in.
    CallbackRefused: "cognito_callback_refused", Warn, OnceAMinute;
    CallbackUnmatched: "cognito_callback_unmatched", Warn, OnceAMinute;
    CodeExchangeFailed: "cognito_code_exchange_failed", Error, EachTime;
    CodeRefused: "cognito_code_refused", Warn, OnceAMinute;
    LoginMisconfigured: "cognito_login_misconfigured", Error, EachTime;
    SignInNotFresh: "cognito_sign_in_not_fresh", Warn, OnceAMinute;
    SignInNotStrongEnough: "cognito_sign_in_not_strong_enough", Warn, OnceAMinute;
    SignInRefused: "cognito_sign_in_refused", Warn, OnceAMinute;
    TokensTooLarge: "cognito_tokens_too_large", Error, EachTime;

    // Sessions.
    IdTokenDropped: "cognito_id_token_dropped", Warn, EachTime;
    RefreshFailed: "cognito_refresh_failed", Warn, EachTime;
    RefreshTokenDropped: "cognito_refresh_token_dropped", Warn, EachTime;
    RevocationFailed: "cognito_revocation_failed", Warn, EachTime;
    SessionEnded: "cognito_session_ended", Info, EachTime;
    SessionForeign: "cognito_session_foreign", Warn, OnceAMinute;
    SessionMixed: "cognito_session_mixed", Warn, EachTime;

    // The store for sessions.
    StoreConnected: "cognito_store_connected", Info, OnceAMinute;
    StoreConnectionLost: "cognito_store_connection_lost", Warn, OnceAMinute;
    StoreCredentialsFailed: "cognito_store_credentials_failed", Warn, OnceAMinute;
    StoreEvicts: "cognito_store_evicts", Warn, EachTime;
    StoreFailed: "cognito_store_failed", Warn, AtLaunchThenOnceAMinute;
    StoreGivenUp: "cognito_store_given_up", Warn, OnceAMinute;
    StoreOutdated: "cognito_store_outdated", Warn, EachTime;
    StoreRemovalDelayed: "cognito_store_removal_delayed", Warn, OnceAMinute;
    StoreUnencrypted: "cognito_store_unencrypted", Warn, AtLaunch;
    StoreValueUnreadable: "cognito_store_value_unreadable", Warn, OnceAMinute;

    // The app's own code.
    HookFailed: "cognito_hook_failed", Error, OnceAMinute;
    HookNeverRuns: "cognito_hook_never_runs", Warn, AtLaunch;
    UserNotLoaded: "cognito_user_not_loaded", Error, OnceAMinute;

    // The local pool.
    LocalPoolElsewhere: "cognito_local_pool_elsewhere", Info, AtLaunch;
    LocalPoolExposed: "cognito_local_pool_exposed", Warn, AtLaunch;
    LocalPoolLacksClient: "cognito_local_pool_lacks_client", Warn, AtLaunch;
    LocalPoolOutsideDebug: "cognito_local_pool_outside_debug", Warn, AtLaunch;
    LocalPoolStarted: "cognito_local_pool_started", Info, AtLaunch;
    LocalPoolStateNotWritten: "cognito_local_pool_state_not_written", Warn, OnceAMinute;

    // Tests.
    TestPoolCalled: "cognito_test_pool_called", Warn, EachTime;
    TestPoolHasNoPages: "cognito_test_pool_has_no_pages", Warn, EachTime;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PAGE: &str = include_str!("../../docs/log.md");

    /// Code, level and frequency of each row of the page.
    fn documented() -> Vec<[&'static str; 3]> {
        let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `cognito_").map(|_| line));
        rows.map(|row| {
            let cells: Vec<_> = row.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
            let [code, level, frequency, meaning, remedy] = cells[..] else { panic!("5 cells: {row}") };
            assert!(meaning.len() > 10 && remedy.len() > 3, "{row}");
            [code.trim_matches('`'), level.trim_matches('`'), frequency]
        })
        .collect()
    }

    #[test]
    fn the_page_of_the_log_has_each_code_in_the_order_of_the_table_with_level_and_frequency() {
        let table = LogCode::ALL.iter().map(|code| {
            let Row { name, level, frequency } = code.row();
            let level = match level {
                Level::Error => "error",
                Level::Warn => "warn",
                Level::Info | Level::Debug | Level::Trace => "info",
            };
            let frequency = match frequency {
                Frequency::EachTime => "each time",
                Frequency::AtLaunch => "at launch",
                Frequency::OnceAMinute => "once a minute",
                Frequency::AtLaunchThenOnceAMinute => "at launch, then once a minute",
            };
            [name, level, frequency]
        });
        assert_eq!(documented(), table.collect::<Vec<_>>());
    }

    #[test]
    fn codes_are_unique_words_in_snake_case_of_this_crate() {
        let names: BTreeSet<_> = LogCode::ALL.iter().map(|code| code.row().name).collect();
        assert_eq!(names.len(), LogCode::ALL.len());
        for name in names {
            let word = name.strip_prefix("cognito_").unwrap();
            let letters = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(word.split('_').all(letters), "{name}");
        }
    }

    /// Who reads a code in an answer and searches the log for it finds what that answer was about.
    #[test]
    fn a_code_that_a_denial_has_too_is_named_in_its_row() {
        for row in include_str!("../../docs/denials.md").lines().filter(|line| line.starts_with("| `")) {
            let denial = row.split('`').nth(1).unwrap();
            let code = format!("cognito_{denial}");
            if LogCode::ALL.iter().any(|it| it.row().name == code) {
                assert!(row.contains(&format!("`{code}`")), "{row}");
            }
        }
    }

    #[test]
    fn the_codes_that_denials_name_exist() {
        let text = include_str!("../../docs/denials.md");
        let named: BTreeSet<_> = text.split('`').filter(|word| word.starts_with("cognito_")).collect();
        assert!(!named.is_empty());
        for code in named {
            assert!(LogCode::ALL.iter().any(|it| it.row().name == code), "{code}");
        }
    }
}
