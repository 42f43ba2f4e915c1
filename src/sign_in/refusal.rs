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
