//! The text of `WWW-Authenticate`.

use crate::http::is_scope_list;
use crate::policy::Rule;

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
    pub(super) fn text(self, scheme: &str, rule: Option<&Rule>) -> Option<String> {
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
                let max_age = self.max_age(rule).map(|seconds| format!(", max_age=\"{seconds}\""));
                let max_age = max_age.unwrap_or_default();
                Some(format!(
                    "{scheme} error=\"insufficient_user_authentication\", \
                     error_description=\"More recent authentication is required\"{max_age}"
                ))
            }
        }
    }

    /// How old the sign-in may be, in seconds, where a more recent one is asked for.
    pub(super) fn max_age(self, rule: Option<&Rule>) -> Option<u64> {
        match self {
            Challenge::InsufficientUserAuthentication => rule?.max_age(),
            _ => None,
        }
    }
}
