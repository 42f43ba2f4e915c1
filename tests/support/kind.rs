//! The kinds of sessions, and tests that run for each.

use rocket_cognito::Cognito;

use super::agent::{Agent, Page, answer};
use super::backing::Backing;
use super::installed;

/// The cookie of a stored session.
pub const SID: &str = "cognito_sid";

/// Where an app keeps its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All of it in the browser's cookies.
    Cookies,
    /// In a store in memory, of which the browser's cookie names a place.
    Stored,
    /// In a store in Redis, on a server of the test's own.
    Redis,
}

/// Makes a test of `async fn name(kind: Kind)` for each of these kinds, `name::cookies` and so on.
#[allow(unused_macros, reason = "each test file uses its part")]
macro_rules! for_kinds {
    ($name:ident: $($test:ident $kind:ident),+) => {
        mod $name {
            use crate::support::kind::Kind;

            $(
                #[test]
                fn $test() {
                    if Kind::$kind.can_be_tested() {
                        rocket::async_test(super::$name(Kind::$kind));
                    }
                }
            )+
        }
    };
}

/// Makes three tests of `async fn name(kind: Kind)`.
#[allow(unused_macros, reason = "each test file uses its part")]
macro_rules! each_kind {
    ($name:ident) => {
        $crate::support::kind::for_kinds!($name: cookies Cookies, stored Stored, redis Redis);
    };
}

/// Makes two tests of `async fn name(kind: Kind)`: one for each store.
#[allow(unused_macros, reason = "each test file uses its part")]
macro_rules! each_store {
    ($name:ident) => {
        $crate::support::kind::for_kinds!($name: stored Stored, redis Redis);
    };
}

#[allow(unused_imports, reason = "each test file uses its part")]
pub(crate) use {each_kind, each_store, for_kinds};

impl Kind {
    /// The fairing of an app whose sessions are of this kind, in `backing` if they are stored.
    pub fn fairing(self, backing: &Backing) -> Cognito {
        match self.is_stored() {
            true => Cognito::fairing().session_store(backing.store()),
            false => Cognito::fairing(),
        }
    }

    /// The kinds that this machine has what it takes for.
    pub fn all() -> impl Iterator<Item = Kind> {
        [Kind::Cookies, Kind::Stored, Kind::Redis].into_iter().filter(|kind| kind.can_be_tested())
    }

    pub fn is_stored(self) -> bool {
        self != Kind::Cookies
    }

    /// Whether this machine has what the kind needs. Where it has not, the test says so aloud.
    pub fn can_be_tested(self) -> bool {
        self != Kind::Redis || installed("redis-server", "redis-server").is_some()
    }

    /// The pool does not go on with the session, which is over.
    #[track_caller]
    pub fn assert_ended_by_pool(self, page: &Page, agent: &Agent, what: &str) {
        assert_eq!(answer(page), (401, "session_ended".into()), "{what}");
        self.assert_nothing_left(page, agent, what);
    }

    /// The session is over. Cookies of its own go with it; that of a stored one stays, as by now the browser may have
    /// another.
    #[track_caller]
    pub fn assert_over(self, page: &Page, agent: &Agent, what: &str) {
        assert_eq!(answer(page), (401, "session_expired".into()), "{what}");
        self.assert_nothing_left(page, agent, what);
    }

    /// Checks what an ended session leaves in the browser, whatever the answer was.
    #[track_caller]
    pub fn assert_nothing_left(self, page: &Page, agent: &Agent, what: &str) {
        let cookies: Vec<_> = agent.cookies().into_keys().collect();
        match self {
            Kind::Cookies => assert_eq!(cookies, [""; 0], "{what}"),
            Kind::Stored | Kind::Redis => {
                assert_eq!(cookies, [SID], "{what}");
                assert_eq!(page.set_cookies(), [""; 0], "{what}");
            }
        }
    }

    /// What a browser is refused with from then on, by the process to which the pool has refused the session.
    pub fn afterwards(self) -> (u16, String) {
        match self {
            Kind::Cookies => (401, "not_signed_in".into()),
            Kind::Stored | Kind::Redis => (401, "session_ended".into()),
        }
    }

    /// The cookies of a session.
    pub fn cookie_names(self) -> &'static [&'static str] {
        match self {
            Kind::Cookies => &[super::ACCESS, "cognito_id_token", super::REFRESH],
            Kind::Stored | Kind::Redis => &[SID],
        }
    }
}
