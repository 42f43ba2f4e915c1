//! What a check can find.

use super::severity::Severity;

macro_rules! codes {
    ($($(#[$attribute:meta])* $code:ident = $text:literal, $severity:ident;)*) => {
        /// What a check has found: one row of `docs/doctor.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Code {
            $($(#[$attribute])* $code),*
        }

        impl Code {
            #[cfg(test)]
            const ALL: &[Code] = &[$(Code::$code),*];

            /// The code as reports and documents write it.
            pub(super) fn text(self) -> &'static str {
                match self {
                    $(Code::$code => $text),*
                }
            }

            pub(super) fn severity(self) -> Severity {
                match self {
                    $(Code::$code => Severity::$severity),*
                }
            }
        }
    };
}

codes! {
    SettingWrong = "setting_wrong", Failure;
    SecretInFile = "secret_in_file", Warning;
    UnsafeMode = "unsafe_mode", Warning;
    RequestsInLog = "requests_in_log", Warning;
    PlainHttp = "plain_http", Warning;
    PoolUnreachable = "pool_unreachable", Failure;
    PoolUnknown = "pool_unknown", Failure;
    PoolBusy = "pool_busy", Failure;
    DiscoveryUnreadable = "discovery_unreadable", Warning;
    IssuerDiffers = "issuer_differs", Failure;
    DomainMissing = "domain_missing", Failure;
    DomainDiffers = "domain_differs", Warning;
    KeysUnavailable = "keys_unavailable", Failure;
    ClockWrong = "clock_wrong", Failure;
    ClockDrifts = "clock_drifts", Warning;
    DomainUnreachable = "domain_unreachable", Failure;
    ClientUnknown = "client_unknown", Failure;
    SecretMissing = "secret_missing", Failure;
    SecretRefused = "secret_refused", Failure;
    OneSecretRefused = "one_secret_refused", Warning;
    GrantOff = "code_grant_off", Failure;
    CallbackUnknown = "callback_unknown", Failure;
    ScopeRefused = "scope_refused", Failure;
    AuthorizeUnexpected = "authorize_unexpected", Failure;
    TokenUnexpected = "token_unexpected", Failure;
    SignOutUrlUnknown = "sign_out_url_unknown", Failure;
    SignOutUnexpected = "sign_out_unexpected", Warning;
    RevocationOff = "revocation_off", Warning;
    LevelsIgnored = "levels_ignored", Warning;
    #[cfg_attr(not(feature = "redis"), expect(dead_code, reason = "only a server may be out of reach"))]
    StoreUnreachable = "store_unreachable", Failure;
    OutOfBudget = "out_of_budget", Warning;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code and severity of each row of the page.
    fn rows(page: &str) -> Vec<(String, String)> {
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let codes = page.split("## Codes").nth(1).unwrap();
        let rows = codes.lines().filter(|line| line.starts_with("| `")).map(cells);
        rows.map(|row| (row[1].trim_matches('`').to_owned(), row[2].clone())).collect()
    }

    #[test]
    fn the_page_has_a_row_for_each_code_in_this_order() {
        let page = include_str!("../../../docs/doctor.md");
        let expected: Vec<_> = Code::ALL
            .iter()
            .map(|code| (code.text().to_owned(), code.severity().text().to_owned()))
            .collect();
        assert_eq!(rows(page), expected);
    }
}
