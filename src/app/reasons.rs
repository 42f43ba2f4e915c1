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
            SignInRefusal::Misconfigured => Reason::SignInMisconfigured,
            SignInRefusal::Busy => Reason::SignInBusy,
            SignInRefusal::PoolUnavailable => Reason::PoolUnavailable,
            SignInRefusal::StoreUnavailable | SignInRefusal::SessionNotStored => Reason::SessionsUnavailable,
        }
    }
}
