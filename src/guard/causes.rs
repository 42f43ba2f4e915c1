//! Why guards refuse, by what they look at.
//!
//! Disabled mode is left out: whoever reads of these reasons is not to meet it.

use crate::denial::Reason;
use crate::policy::Rule;
use crate::user::Who;

/// Reasons that any caller may meet, by any credential.
pub(super) const WHOEVER_CALLS: &[Reason] = &[
    Reason::RepeatedAuthorization,
    Reason::MissingBearerToken,
    Reason::SeveralBearerTokens,
    Reason::MalformedBearerToken,
    Reason::InvalidToken,
    // Where nobody signs in.
    Reason::BearerRequired,
    Reason::OtherScheme,
    Reason::NotSignedIn,
    Reason::SessionExpired,
    Reason::SessionEnded,
    Reason::SessionInDoubt,
    Reason::SessionNotRefreshed,
    // A session's, or a token's that a proxy adds.
    Reason::CrossSite,
    Reason::KeysUnavailable,
    // Of sessions in a store, or of its list of tokens that were signed out.
    Reason::SessionsUnavailable,
];

/// Reasons that only bearer tokens cause. A machine has no other credential.
pub(super) const BEARER_TOKEN: &[Reason] = &[
    Reason::RepeatedAuthorization,
    Reason::MissingBearerToken,
    Reason::SeveralBearerTokens,
    Reason::MalformedBearerToken,
    Reason::InvalidToken,
    Reason::BearerRequired,
    Reason::OtherScheme,
    Reason::PersonRequired,
    Reason::Delegated,
];

/// Reasons that only sessions cause, or the absence of a session.
pub(super) const SESSION: &[Reason] = &[
    Reason::NotSignedIn,
    Reason::SessionExpired,
    Reason::SessionEnded,
    Reason::SessionInDoubt,
    Reason::SessionNotRefreshed,
];

/// There is no token, where nothing else would do.
pub(super) const NO_BEARER_TOKEN: &[Reason] = &[Reason::BearerRequired, Reason::OtherScheme];

/// There is no credential.
pub(super) const ABSENT: &[Reason] = &[Reason::NotSignedIn, Reason::BearerRequired, Reason::OtherScheme];

/// The caller is not of the kind `who`.
pub(super) fn of_another_kind(who: Who) -> &'static [Reason] {
    match who {
        Who::Person => &[Reason::PersonRequired, Reason::Delegated],
        Who::Machine => &[Reason::MachineRequired, Reason::Delegated],
        Who::Caller => &[Reason::Delegated],
        Who::PersonOrAgent => &[Reason::PersonRequired],
    }
}

/// The caller does not meet `rule`.
pub(super) fn of_rule(rule: &Rule) -> &'static [Reason] {
    match (rule.max_age(), rule.levels().is_empty()) {
        (Some(_), true) => &[Reason::RuleNotMet, Reason::LoginTooOld],
        (None, true) => &[Reason::RuleNotMet],
        (Some(_), false) => &[Reason::RuleNotMet, Reason::LoginTooOld, Reason::LevelTooLow],
        (None, false) => &[Reason::RuleNotMet, Reason::LevelTooLow],
    }
}
