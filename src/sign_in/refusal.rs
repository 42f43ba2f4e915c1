//! Why a sign-in does not begin, or comes to nothing.

/// Why a sign-in does not begin, or comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInRefusal {
    /// The callback's parameters are missing, repeated or malformed.
    BadCallback,
    /// The callback has a code and no state: the sign-in was begun at the identity provider.
    StateMissing,
    /// This browser has no such attempt under way.
    NoAttempt,
    /// The attempt is older than ten minutes.
    AttemptExpired,
    /// The attempt was begun with other settings, or was changed.
    AttemptNotRecognised,
    /// The attempt has been completed.
    AttemptUsed,
    /// The attempt is being completed with another code.
    AnotherCode,
    /// The pool did not accept the code.
    CodeRefused,
    /// The pool's tokens are not of this sign-in.
    TokensRefused,
    /// The pool ended the sign-in with an error.
    RefusedByPool,
    /// Nobody is signed in at the pool, which was not to ask.
    NobodyAtPool,
    /// The pool or the visitor declined the sign-in.
    Declined,
    /// The pool did not ask again, and is to be asked once more.
    TooOld,
    /// The pool did not ask again.
    NotFresh,
    /// The sign-in has not reached the level that was asked for.
    NotStrongEnough,
    /// The app, or its client at the pool, is set up wrongly.
    Misconfigured,
    /// Too many sign-ins are being completed; nothing was sent to the pool.
    Busy,
    /// The pool is down, slow or throttling.
    PoolUnavailable,
    /// The store of sessions is out of reach; nothing was sent to the pool.
    StoreUnavailable,
    /// The store of sessions did not take the new session, which has ended.
    SessionNotStored,
}

#[cfg(test)]
impl SignInRefusal {
    pub(crate) const ALL: [SignInRefusal; 20] = [
        SignInRefusal::BadCallback,
        SignInRefusal::StateMissing,
        SignInRefusal::NoAttempt,
        SignInRefusal::AttemptExpired,
        SignInRefusal::AttemptNotRecognised,
        SignInRefusal::AttemptUsed,
        SignInRefusal::AnotherCode,
        SignInRefusal::CodeRefused,
        SignInRefusal::TokensRefused,
        SignInRefusal::RefusedByPool,
        SignInRefusal::NobodyAtPool,
        SignInRefusal::Declined,
        SignInRefusal::TooOld,
        SignInRefusal::NotFresh,
        SignInRefusal::NotStrongEnough,
        SignInRefusal::Misconfigured,
        SignInRefusal::Busy,
        SignInRefusal::PoolUnavailable,
        SignInRefusal::StoreUnavailable,
        SignInRefusal::SessionNotStored,
    ];

    /// Its place in [`ALL`](Self::ALL), so that none can be left out of it.
    fn index(self) -> usize {
        match self {
            SignInRefusal::BadCallback => 0,
            SignInRefusal::StateMissing => 1,
            SignInRefusal::NoAttempt => 2,
            SignInRefusal::AttemptExpired => 3,
            SignInRefusal::AttemptNotRecognised => 4,
            SignInRefusal::AttemptUsed => 5,
            SignInRefusal::AnotherCode => 6,
            SignInRefusal::CodeRefused => 7,
            SignInRefusal::TokensRefused => 8,
            SignInRefusal::RefusedByPool => 9,
            SignInRefusal::NobodyAtPool => 10,
            SignInRefusal::Declined => 11,
            SignInRefusal::TooOld => 12,
            SignInRefusal::NotFresh => 13,
            SignInRefusal::NotStrongEnough => 14,
            SignInRefusal::Misconfigured => 15,
            SignInRefusal::Busy => 16,
            SignInRefusal::PoolUnavailable => 17,
            SignInRefusal::StoreUnavailable => 18,
            SignInRefusal::SessionNotStored => 19,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SignInRefusal;

    #[test]
    fn all_refusals_are_listed_each_at_its_place() {
        assert!(SignInRefusal::ALL.iter().enumerate().all(|(place, refusal)| refusal.index() == place));
    }
}
