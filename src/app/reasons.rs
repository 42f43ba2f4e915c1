//! What visitors are answered where a session or a sign-in does not serve: the one place where the reasons of the floors
//! below become denials.

use crate::denial::Reason;
use crate::session::SessionRefusal;
use crate::sign_in::SignInRefusal;

impl From<SessionRefusal> for Reason {
    fn from(refusal: SessionRefusal) -> Self {
        match refusal {
            SessionRefusal::NotSignedIn => Reason::NotSignedIn,
            SessionRefusal::Expired => Reason::SessionExpired,
            SessionRefusal::EndedByPool => Reason::SessionEnded,
            SessionRefusal::InDoubt => Reason::SessionInDoubt,
            SessionRefusal::NotRefreshed(_) => Reason::SessionNotRefreshed,
            SessionRefusal::StoreUnavailable => Reason::SessionsUnavailable,
            SessionRefusal::KeysUnavailable => Reason::KeysUnavailable,
        }
    }
}

impl From<SignInRefusal> for Reason {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::BadCallback | SignInRefusal::StateMissing => Reason::BadCallback,
            SignInRefusal::NoAttempt => Reason::NoLoginAttempt,
            SignInRefusal::AttemptExpired => Reason::LoginExpired,
            SignInRefusal::AttemptNotRecognised => Reason::LoginNotRecognised,
            SignInRefusal::AttemptUsed => Reason::LoginUsed,
            SignInRefusal::AnotherCode => Reason::AnotherCode,
            SignInRefusal::CodeRefused => Reason::CodeRefused,
            SignInRefusal::TokensRefused => Reason::TokensRefused,
            SignInRefusal::RefusedByPool => Reason::SignInRefused,
            SignInRefusal::NobodyAtPool => Reason::NobodyAtPool,
            SignInRefusal::Declined => Reason::AccessDenied,
            SignInRefusal::TooOld => Reason::LoginTooOld,
            SignInRefusal::NotFresh => Reason::LoginNotFresh,
            SignInRefusal::NotStrongEnough => Reason::LoginNotStrongEnough,
            SignInRefusal::Misconfigured => Reason::SignInMisconfigured,
            SignInRefusal::Busy => Reason::SignInBusy,
            SignInRefusal::PoolUnavailable => Reason::PoolUnavailable,
            SignInRefusal::StoreUnavailable | SignInRefusal::SessionNotStored => Reason::SessionsUnavailable,
        }
    }
}

/// The reasons for which a sign-in ends at a callback. Those for which a session is refused to somebody who comes back to
/// one are not among them.
pub(crate) const SIGN_IN_REASONS: [Reason; 18] = [
    Reason::BadCallback,
    Reason::NoLoginAttempt,
    Reason::LoginExpired,
    Reason::LoginNotRecognised,
    Reason::LoginUsed,
    Reason::CodeRefused,
    Reason::TokensRefused,
    Reason::SignInRefused,
    Reason::NobodyAtPool,
    Reason::AccessDenied,
    Reason::LoginTooOld,
    Reason::LoginNotFresh,
    Reason::LoginNotStrongEnough,
    Reason::RefusedByApp,
    Reason::HookFailed,
    Reason::SignInMisconfigured,
    Reason::PoolUnavailable,
    Reason::SessionsUnavailable,
];

/// The codes by which sign-ins are counted that come to nothing.
pub(super) fn sign_in_codes() -> impl Iterator<Item = &'static str> {
    SIGN_IN_REASONS.into_iter().map(Reason::code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A code without a counter would be lost.
    #[test]
    fn each_end_of_a_sign_in_has_a_counter() {
        let counted: BTreeSet<_> = sign_in_codes().collect();
        let refusals = SignInRefusal::ALL.iter().map(|refusal| Reason::from(*refusal));
        for reason in refusals.chain([Reason::RefusedByApp, Reason::HookFailed]) {
            assert!(counted.contains(reason.code()), "{reason:?}");
        }
    }
}
