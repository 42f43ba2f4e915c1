//! Whom a guard is for.

use std::fmt;

/// Whom a guard is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// A person who has signed in.
    Person,
    /// An app client with a token of its own.
    Machine,
    /// Whoever calls: a person or a machine.
    Caller,
    /// A person, or an agent that acts for one.
    PersonOrAgent,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Who::Person => "a person",
            Who::Machine => "a machine",
            Who::Caller => "a person or a machine",
            Who::PersonOrAgent => "a person or an agent for one",
        })
    }
}
