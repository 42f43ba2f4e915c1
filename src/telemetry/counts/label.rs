//! The labels of counters, each with all the values that it may have. None is anything that a visitor chooses.

/// A label of a counter.
pub(crate) trait Label: Copy + 'static {
    const NAME: &'static str;
    const ALL: &'static [Self];

    /// The place of this value in [`ALL`](Self::ALL).
    fn index(self) -> usize;

    fn text(self) -> &'static str;
}

macro_rules! labels {
    ($($(#[$about_label:meta])* $Label:ident, $name:literal: {
        $($(#[$about:meta])* $value:ident => $text:literal,)+
    })+) => {
        $($(#[$about_label])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $Label {
            $($(#[$about])* $value),+
        }

        impl Label for $Label {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$($Label::$value),+];

            fn index(self) -> usize {
                self as usize
            }

            fn text(self) -> &'static str {
                match self {
                    $($Label::$value => $text),+
                }
            }
        })+
    };
}

labels! {
    /// By which credential a request was admitted.
    AdmittedBy, "by": {
        Bearer => "bearer",
        Session => "session",
        /// None at all: disabled mode.
        Disabled => "disabled",
    }

    /// What a request got that needed its session refreshed.
    RefreshAnswer, "result": {
        /// New tokens, which it has asked the pool for.
        Done => "done",
        /// New tokens, which another request of this process has asked for.
        Shared => "shared",
        /// New tokens, which another process has asked for.
        Elsewhere => "elsewhere",
        /// The session has ended.
        Ended => "ended",
        /// No new tokens for now.
        Unavailable => "unavailable",
    }

    /// Where a sign-out ends.
    SignOutAt, "at": {
        /// At the pool too.
        Pool => "pool",
        /// In this app alone.
        Here => "here",
    }

    /// What a request waits for that another one does.
    WaitFor, "for": {
        /// The refresh of its session.
        Refresh => "refresh",
        /// The exchange of its code.
        SignIn => "sign_in",
        /// A place among the calls to the pool that are under way.
        Place => "place",
    }

    /// An endpoint of the pool.
    PoolEndpoint, "endpoint": {
        Token => "token",
        Revoke => "revoke",
        UserInfo => "userinfo",
        Jwks => "jwks",
        Api => "api",
    }

    /// What came of a call to the pool.
    CallResult, "result": {
        Ok => "ok",
        /// The pool answered that it does not accept the code, token or client, or that it has no such keys.
        Refused => "refused",
        /// There was no answer in time, or none that says anything.
        Failed => "failed",
    }

    /// Code of the app's own that this crate runs.
    Hook, "hook": {
        OnLogin => "on_login",
        OnRefresh => "on_refresh",
        OnLogout => "on_logout",
        OnPoolError => "on_pool_error",
        OnDenial => "on_denial",
        /// `LoadUser::load`.
        LoadUser => "load_user",
        StoreCredentials => "store_credentials",
    }

    /// What a store of sessions is asked to do.
    StoreCommand, "command": {
        Load => "load",
        /// To create or replace a session, or to note that it was seen.
        Write => "write",
        Lease => "lease",
        Remove => "remove",
        List => "list",
        /// To write or read a value beside the sessions.
        Item => "item",
        Check => "check",
    }

    /// What came of a command to a store.
    CommandOutcome, "outcome": {
        Done => "done",
        /// The store answered, and did nothing.
        Refused => "refused",
        /// The store did not answer in time.
        Unavailable => "unavailable",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<L: Label + PartialEq + std::fmt::Debug>() {
        for (place, label) in L::ALL.iter().enumerate() {
            assert_eq!(label.index(), place, "{label:?}");
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
            assert!(label.text().chars().all(is_plain) && L::NAME.chars().all(is_plain), "{label:?}");
        }
    }

    #[test]
    fn each_value_knows_its_place_and_needs_no_quotes() {
        check::<AdmittedBy>();
        check::<RefreshAnswer>();
        check::<SignOutAt>();
        check::<WaitFor>();
        check::<PoolEndpoint>();
        check::<CallResult>();
        check::<Hook>();
        check::<StoreCommand>();
        check::<CommandOutcome>();
    }
}
