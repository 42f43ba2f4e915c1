//! What visitors are answered where a session or a sign-in does not serve: the one place where the reasons of the floors
//! below become denials.

use crate::denial::Kind;
use crate::session::SessionRefusal;
use crate::sign_in::SignInRefusal;

impl From<SessionRefusal> for Kind {
    fn from(refusal: SessionRefusal) -> Self {
        match refusal {
            SessionRefusal::NotSignedIn => Kind::NotSignedIn,
            SessionRefusal::Expired => Kind::SessionExpired,
            SessionRefusal::InDoubt => Kind::SessionInDoubt,
            SessionRefusal::NotRefreshed => Kind::SessionNotRenewed,
            SessionRefusal::KeysUnavailable => Kind::KeysUnavailable,
        }
    }
}

impl From<SignInRefusal> for Kind {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::BadCallback => Kind::BadCallback,
            SignInRefusal::NoAttempt => Kind::NoLoginAttempt,
            SignInRefusal::AttemptExpired => Kind::LoginExpired,
            SignInRefusal::AttemptNotRecognised => Kind::LoginNotRecognised,
            SignInRefusal::AttemptUsed => Kind::LoginUsed,
            SignInRefusal::AnotherCode => Kind::AnotherCode,
            SignInRefusal::CodeRefused => Kind::CodeRefused,
            SignInRefusal::TokensRefused => Kind::TokensRefused,
            SignInRefusal::RefusedByPool => Kind::SignInRefused,
            SignInRefusal::Declined => Kind::AccessDenied,
            SignInRefusal::TooOld => Kind::LoginTooOld,
            SignInRefusal::NotFresh => Kind::LoginNotFresh,
            SignInRefusal::Misconfigured => Kind::SignInMisconfigured,
            SignInRefusal::Busy => Kind::SignInBusy,
            SignInRefusal::PoolUnavailable => Kind::PoolUnavailable,
        }
    }
}
