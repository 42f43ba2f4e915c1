//! The pool's users, who change while it runs.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::user::User;
use crate::clock::UnixSeconds;
use crate::error::Error;
use crate::local_pool::config::{LocalIdentityProvider, LocalUser, SignInNames, user_mistakes};
use crate::token::{subject, uuid};

/// How many users a running pool takes.
const MAX_USERS: usize = 10_000;
/// How many users the pages add to those that a pool begins with.
const MAX_SIGNED_UP: usize = 1_000;

pub(crate) struct Users {
    user_pool_id: String,
    names: SignInNames,
    directory: RwLock<Directory>,
}

struct Directory {
    users: Vec<User>,
    /// Then a name may come back, which must not bring the `sub` back.
    has_lost_some: bool,
    begun_with: usize,
}

impl Users {
    /// `entries` are those of checked settings.
    pub(crate) fn new(
        user_pool_id: &str,
        names: SignInNames,
        entries: &[LocalUser],
        now: UnixSeconds,
    ) -> Self {
        let mut taken: HashSet<_> = entries.iter().filter_map(|entry| entry.sub.clone()).collect();
        let users = entries.iter().cloned().map(|entry| {
            let derived = subject(user_pool_id, &entry.name(&names));
            let is_free = entry.sub.is_some() || taken.insert(derived.clone());
            User::new(entry, if is_free { derived } else { uuid() }, user_pool_id, &names, now)
        });
        let users: Vec<_> = users.collect();
        let begun_with = users.len();
        let directory = RwLock::new(Directory { users, has_lost_some: false, begun_with });
        Users { user_pool_id: user_pool_id.into(), names, directory }
    }

    /// All of them as they are now, the oldest first.
    pub(crate) fn all(&self) -> Vec<User> {
        self.read().users.clone()
    }

    pub(crate) fn names(&self) -> &SignInNames {
        &self.names
    }

    /// The user of exactly this username.
    pub(crate) fn get(&self, username: &str) -> Option<User> {
        self.read().users.iter().find(|user| user.username == username).cloned()
    }

    /// The user of exactly this username and `sub`, unless disabled: a removed user's name may be another's by now.
    pub(crate) fn enabled(&self, username: &str, sub: &str) -> Option<User> {
        self.get(username).filter(|user| user.sub == sub && !user.disabled)
    }

    /// The user who signs in by this name.
    pub(crate) fn find(&self, name: &str) -> Option<User> {
        let name = self.names.folded(name);
        self.read().users.iter().find(|user| user.names().contains(&name)).cloned()
    }

    /// The identity providers that any of the users is known at, each once.
    pub(crate) fn identity_providers(&self) -> Vec<LocalIdentityProvider> {
        let mut providers: Vec<LocalIdentityProvider> = Vec::new();
        for provider in self.read().users.iter().flat_map(User::identity_providers) {
            if !providers.iter().any(|known| known.name == provider.name) {
                providers.push(provider);
            }
        }
        providers
    }

    /// The user whom this provider calls so.
    pub(crate) fn find_at(&self, provider: &LocalIdentityProvider, user_id: &str) -> Option<User> {
        let name = self.names.folded(&provider.identity(user_id).username());
        let is_it = |user: &&User| {
            let identity = user.identity_at(&provider.name);
            identity.is_some_and(|identity| self.names.folded(&identity.username()) == name)
        };
        self.read().users.iter().find(is_it).cloned()
    }

    /// Adds a user, unless Cognito would not accept them.
    pub(crate) fn add(&self, entry: LocalUser, now: UnixSeconds) -> Result<(), Error> {
        self.add_up_to(MAX_USERS, entry, now).map(drop)
    }

    /// Adds a user who signs up on a page, unless Cognito would not accept them or there are enough.
    pub(crate) fn sign_up(&self, entry: LocalUser, now: UnixSeconds) -> Result<User, Error> {
        let begun_with = self.read().begun_with;
        self.add_up_to(MAX_USERS.min(begun_with + MAX_SIGNED_UP), entry, now)
    }

    fn add_up_to(&self, limit: usize, entry: LocalUser, now: UnixSeconds) -> Result<User, Error> {
        let mistakes: Vec<_> = user_mistakes(&entry, &self.names)
            .into_iter()
            .map(|(key, problem)| format!("`{key}`: {problem}"))
            .collect();
        if !mistakes.is_empty() {
            return Err(Error::local_pool(mistakes.join("; ")));
        }
        let mut directory = self.write();
        if directory.users.len() >= limit {
            return Err(Error::local_pool(format!("the local pool takes {limit} users: remove some first")));
        }
        let derived = subject(&self.user_pool_id, &entry.name(&self.names));
        // Somebody keeps it who has changed their address since.
        let is_taken = directory.has_lost_some || directory.users.iter().any(|user| user.sub == derived);
        let sub = if is_taken { uuid() } else { derived };
        let user = User::new(entry, sub, &self.user_pool_id, &self.names, now);
        self.check_free(&directory.users, &user)?;
        directory.users.push(user.clone());
        Ok(user)
    }

    /// Removes the user who signs in by this name, and returns them.
    pub(crate) fn remove(&self, name: &str) -> Result<User, Error> {
        let folded = self.names.folded(name);
        let mut directory = self.write();
        let place = directory.users.iter().position(|user| user.names().contains(&folded));
        let user = directory.users.remove(place.ok_or_else(|| nobody(name))?);
        directory.has_lost_some = true;
        Ok(user)
    }

    /// Changes the user who signs in by this name; when Cognito would not accept the outcome, nothing changes.
    pub(crate) fn change(
        &self,
        name: &str,
        change: impl FnOnce(&mut User) -> Result<(), String>,
    ) -> Result<(), Error> {
        let folded = self.names.folded(name);
        let mut directory = self.write();
        let place = directory.users.iter().position(|user| user.names().contains(&folded));
        let place = place.ok_or_else(|| nobody(name))?;
        let (before, rest) = directory.users.split_at_mut(place);
        let Some((user, after)) = rest.split_first_mut() else { return Err(nobody(name)) };
        let mut changed = user.clone();
        change(&mut changed).map_err(Error::local_pool)?;
        changed.find_names(&self.names);
        self.check_free(before, &changed)?;
        self.check_free(after, &changed)?;
        *user = changed;
        Ok(())
    }

    /// Whether the user shares no name with any of these, no identity and no `sub`.
    fn check_free(&self, others: &[User], user: &User) -> Result<(), Error> {
        let shared = |other| Some((user.shared_with(other, &self.names)?, other));
        match others.iter().find_map(shared) {
            Some((what, other)) => {
                let whose = other.sign_in_name(&self.names);
                Err(Error::local_pool(format!("{what} is another user's, {whose}")))
            }
            None => Ok(()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nobody(name: &str) -> Error {
    Error::local_pool(format!("the local pool has no user {name:?}"))
}
