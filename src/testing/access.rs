//! Who gets through to the handler of a route.

use std::fmt;

use crate::guard::Asks;

/// Who gets through to the handler of a route. Its `Display` says it in words, such as `a person: group "admin"` or
/// `open`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Whoever meets all that these guards ask for.
    Guarded(Vec<Asks>),
    /// Everybody; the handler is given what these guards say, as with `Option<CognitoUser>`.
    Optional(Vec<Asks>),
    /// Everybody, as far as can be seen.
    Open,
    /// It is one of the routes that the fairing mounts, such as the sign-in.
    Fairing,
}

impl Access {
    /// Whether somebody without a credential gets through to a handler of the app.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Access::Optional(_) | Access::Open)
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guards = match self {
            Access::Guarded(guards) => guards,
            Access::Optional(guards) => {
                f.write_str("open, and knows ")?;
                guards
            }
            Access::Open => return f.write_str("open"),
            Access::Fairing => return f.write_str("of the fairing"),
        };
        for (index, asks) in guards.iter().enumerate() {
            let and = if index > 0 { "; and " } else { "" };
            write!(f, "{and}{asks}")?;
        }
        Ok(())
    }
}
