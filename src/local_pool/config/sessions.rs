//! How a pool tracks sessions.

use serde::Deserialize;

use crate::config::{Field, Form, TableMistake};

/// How many token sessions a user may have by default.
pub(in crate::local_pool) const MAX_PER_USER: u32 = 20;

/// How a local pool tracks sessions: the key `local_pool.sessions`. Without it the pool tracks none, as Cognito by default:
/// it lists and revokes none, and a user may have any number.
///
/// A token session is a sign-in of one client, for as long as its refresh token counts. Whoever has more than
/// [`max_per_user`](Self::max_per_user) after a sign-in loses those that were used least recently: a refresh is
/// `invalid_grant` then, and the pool refuses their access tokens. A guard does not ask the pool, and takes an access token
/// until it expires.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalPoolConfig, LocalSessions};
///
/// let config = LocalPoolConfig::default().sessions(LocalSessions::new().max_per_user(2));
/// ```
///
/// Source: Cognito's developer guide, "Managing user sessions".
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalSessions {
    pub(in crate::local_pool) max_per_user: u32,
}

impl Default for LocalSessions {
    fn default() -> Self {
        LocalSessions { max_per_user: MAX_PER_USER }
    }
}

impl LocalSessions {
    /// The keys of the table.
    pub(super) const FIELDS: &[Field] = &[Field::new("max_per_user", Form::Number(1..=100))];

    /// Tracks sessions, of which each user may have 20.
    #[must_use]
    pub fn new() -> Self {
        LocalSessions::default()
    }

    /// How many token sessions a user may have, over all clients: 1 to 100.
    #[must_use]
    pub fn max_per_user(mut self, sessions: u32) -> Self {
        self.max_per_user = sessions;
        self
    }

    pub(super) fn mistakes(&self) -> Option<TableMistake> {
        (!(1..=100).contains(&self.max_per_user))
            .then(|| TableMistake::new("sessions.max_per_user", "must be 1 to 100"))
    }
}
