//! The pool's users, who change while it runs.

use std::sync::{PoisonError, RwLock};

use crate::error::Error;
use crate::local_pool::config::LocalUser;

pub(crate) struct Users(RwLock<Vec<LocalUser>>);

impl Users {
    pub(crate) fn new(users: Vec<LocalUser>) -> Self {
        Users(RwLock::new(users))
    }

    /// All of them as they are now, in the table's order.
    pub(crate) fn all(&self) -> Vec<LocalUser> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn get(&self, username: &str) -> Option<LocalUser> {
        let users = self.0.read().unwrap_or_else(PoisonError::into_inner);
        users.iter().find(|user| user.username == username).cloned()
    }

    /// The user, unless disabled.
    pub(crate) fn enabled(&self, username: &str) -> Option<LocalUser> {
        self.get(username).filter(|user| !user.disabled)
    }

    /// Changes a user, unless Cognito would not accept the outcome.
    pub(crate) fn change(&self, username: &str, change: impl FnOnce(&mut LocalUser)) -> Result<(), Error> {
        let mut users = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let user = users
            .iter_mut()
            .find(|user| user.username == username)
            .ok_or_else(|| Error::local_pool(format!("the local pool has no user {username:?}")))?;
        let mut changed = user.clone();
        change(&mut changed);
        let mistakes: Vec<_> = changed.mistakes().into_iter().map(|(_, problem)| problem).collect();
        if !mistakes.is_empty() {
            return Err(Error::local_pool(mistakes.join("; ")));
        }
        *user = changed;
        Ok(())
    }
}
