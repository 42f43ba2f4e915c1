//! Why a change of users or groups was not made.

use crate::error::Error;

/// Then nothing has changed.
pub(crate) enum Unchanged {
    /// There is no user of this name.
    Unknown(String),
    /// Another user has what the user should have.
    Taken { what: String, whose: String },
    /// There are as many users as a running pool takes.
    Full(usize),
    /// The pages accept no more sign-ups.
    PagesFull(usize),
    /// Cognito would not accept it.
    Refused(String),
}

impl From<String> for Unchanged {
    fn from(problem: String) -> Self {
        Unchanged::Refused(problem)
    }
}

impl From<Unchanged> for Error {
    fn from(unchanged: Unchanged) -> Self {
        Error::local_pool(match unchanged {
            Unchanged::Unknown(name) => format!("the local pool has no user {name:?}"),
            Unchanged::Taken { what, whose } => format!("{what} is another user's, {whose}"),
            Unchanged::Full(most) => format!("the local pool takes {most} users: remove some first"),
            Unchanged::PagesFull(most) => {
                format!("{most} people have signed up here, which is the most: start the pool again")
            }
            Unchanged::Refused(problem) => problem,
        })
    }
}
