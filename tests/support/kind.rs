//! The two kinds of sessions, and tests that run for both.

use rocket_cognito::Cognito;
use rocket_cognito::store::MemoryStore;

use super::agent::{Agent, Page, answer};

/// The cookie of a stored session.
pub const SID: &str = "cognito_sid";

/// Where an app keeps its sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All of it in the browser's cookies.
    Cookies,
    /// In a store, of which the browser's cookie names a place.
    Stored,
}

/// Makes two tests of `async fn name(kind: Kind)`: `name::cookies` and `name::stored`.
#[allow(unused_macros, reason = "each test file uses its part")]
macro_rules! both_kinds {
    ($name:ident) => {
        mod $name {
            use crate::support::kind::Kind;

            #[test]
            fn cookies() {
                rocket::async_test(super::$name(Kind::Cookies));
            }

            #[test]
            fn stored() {
                rocket::async_test(super::$name(Kind::Stored));
            }
        }
    };
}

#[allow(unused_imports, reason = "each test file uses its part")]
pub(crate) use both_kinds;

impl Kind {
    /// The fairing of an app whose sessions are of this kind, in `store` if they are stored.
    pub fn fairing(self, store: &MemoryStore) -> Cognito {
        match self {
            Kind::Cookies => Cognito::fairing(),
            Kind::Stored => Cognito::fairing().session_store(store.clone()),
        }
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
            Kind::Stored => {
                assert_eq!(cookies, [SID], "{what}");
                assert_eq!(page.set_cookies(), [""; 0], "{what}");
            }
        }
    }

    /// What a browser is refused with from then on.
    pub fn afterwards(self) -> (u16, String) {
        match self {
            Kind::Cookies => (401, "not_signed_in".into()),
            Kind::Stored => (401, "session_expired".into()),
        }
    }

    /// The cookies of a session.
    pub fn cookie_names(self) -> &'static [&'static str] {
        match self {
            Kind::Cookies => &[super::ACCESS, "cognito_id_token", super::REFRESH],
            Kind::Stored => &[SID],
        }
    }
}
