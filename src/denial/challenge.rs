//! The text of `WWW-Authenticate`.

use crate::config::LevelNames;
use crate::http::is_scope_list;
use crate::policy::Rule;

/// What another sign-in has to be.
#[derive(Clone, Copy, Default)]
pub(super) struct SignInAskedFor {
    /// Its level at least, 1 to 4.
    pub(super) level: Option<u8>,
    /// How old it may be, in seconds.
    pub(super) max_age: Option<u64>,
}

/// How a denial challenges, by the error codes of RFC 6750 section 3.1 and RFC 9470 section 3.
#[derive(Clone, Copy)]
pub(super) enum Challenge {
    /// The scheme alone: the request has sent nothing that could be wrong.
    SchemeOnly,
    InvalidRequest,
    InvalidToken,
    /// Only for a rule that names scopes.
    InsufficientScope,
    InsufficientUserAuthentication,
}

impl Challenge {
    /// The header's value for `scheme`, where `rule` was not met.
    pub(super) fn text(self, scheme: &str, rule: Option<&Rule>, levels: &LevelNames) -> Option<String> {
        match self {
            Challenge::SchemeOnly => Some(scheme.to_owned()),
            Challenge::InvalidRequest => Some(format!("{scheme} error=\"invalid_request\"")),
            Challenge::InvalidToken => Some(format!("{scheme} error=\"invalid_token\"")),
            Challenge::InsufficientScope => {
                let scopes = rule.map(Rule::scopes).unwrap_or_default().join(" ");
                is_scope_list(&scopes)
                    .then(|| format!("{scheme} error=\"insufficient_scope\", scope=\"{scopes}\""))
            }
            Challenge::InsufficientUserAuthentication => {
                let SignInAskedFor { level, max_age } = self.sign_in_asked_for(rule);
                let description = match (level, max_age) {
                    (Some(_), None) => "A stronger",
                    (Some(_), Some(_)) => "A recent and strong",
                    (None, _) => "More recent",
                };
                let acr_values = level.map(|level| format!(", acr_values=\"{}\"", levels.at_least(level)));
                let max_age = max_age.map(|seconds| format!(", max_age=\"{seconds}\""));
                Some(format!(
                    "{scheme} error=\"insufficient_user_authentication\", \
                     error_description=\"{description} authentication is required\"{}{}",
                    acr_values.unwrap_or_default(),
                    max_age.unwrap_or_default(),
                ))
            }
        }
    }

    /// What a sign-in has to be where another one is asked for.
    pub(super) fn sign_in_asked_for(self, rule: Option<&Rule>) -> SignInAskedFor {
        match (self, rule) {
            (Challenge::InsufficientUserAuthentication, Some(rule)) => {
                SignInAskedFor { level: rule.levels().first().copied(), max_age: rule.max_age() }
            }
            _ => SignInAskedFor::default(),
        }
    }
}
