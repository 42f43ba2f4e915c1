//! The credential that a guard asks for.

use std::fmt;

/// The credential that a guard asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum By {
    /// A bearer token or a session.
    Any,
    /// A bearer token.
    BearerToken,
    /// The session of a browser.
    Session,
    /// A sign-in that the pool sends back to the callback.
    SignIn,
}

/// In words that follow "a person": `, by a session`.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            By::Any => "",
            By::BearerToken => ", by a bearer token",
            By::Session => ", by a session",
            By::SignIn => ", by a sign-in that comes back",
        })
    }
}
