//! The pool's users, who change while it runs.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::changes::Changes;
use super::groups::{Group, GroupRefusal, Groups, Standing};
use super::seeds::{SavedUsers, Seeds, apply};
use super::unchanged::Unchanged;
use super::user::User;
use super::user_status::UserStatus;
use crate::clock::{self, UnixSeconds};
use crate::error::Error;
use crate::local_pool::config::{
    LocalIdentityProvider, LocalPoolConfig, LocalUser, SignInNames, user_mistakes,
};
use crate::token::{subject, uuid};

/// How many users a running pool takes.
const MAX_USERS: usize = 10_000;
/// How many users the pages add to those that a pool begins with.
const MAX_SIGNED_UP: usize = 1_000;

pub(crate) struct Users {
    user_pool_id: String,
    names: SignInNames,
    directory: RwLock<Directory>,
    changes: Changes,
}

struct Directory {
    users: Vec<User>,
    groups: Groups,
    /// Then a name may come back, which must not bring the `sub` back.
    has_lost_some: bool,
    /// Who has signed up on a page since the start.
    signed_up: usize,
    /// The entries that have been applied, in a pool with a state file.
    seeds: Seeds,
}

impl Users {
    /// `entries` are those of checked settings.
    pub(crate) fn new(
        user_pool_id: &str,
        names: SignInNames,
        entries: &[LocalUser],
        now: UnixSeconds,
    ) -> Self {
        let given = entries.iter().flat_map(|entry| [entry.sub.clone(), Some(entry.name(&names))]);
        let mut taken: HashSet<_> = given.flatten().collect();
        let users = entries.iter().cloned().map(|entry| {
            let derived = subject(user_pool_id, &entry.name(&names));
            let is_free = entry.sub.is_some() || taken.insert(derived.clone());
            User::new(entry, if is_free { derived } else { uuid() }, user_pool_id, &names, now)
        });
        let users: Vec<_> = users.collect();
        let mut groups = Groups::default();
        for user in &users {
            groups.add_missing(&user.member_of(), now);
        }
        let seeds = Seeds::default();
        let directory = RwLock::new(Directory { users, groups, has_lost_some: false, signed_up: 0, seeds });
        Users { user_pool_id: user_pool_id.into(), names, directory, changes: Changes::default() }
    }

    /// Those of a state file, with the entries of checked settings put in. Its changes are noted there.
    pub(super) fn restored(
        config: &LocalPoolConfig,
        saved: SavedUsers,
        now: UnixSeconds,
        changes: &Changes,
    ) -> Self {
        let (user_pool_id, names) = (config.user_pool_id.clone(), config.sign_in_names());
        let SavedUsers { users, mut groups, has_lost_some, seeds } =
            apply(&config.users, saved, &user_pool_id, &names, now);
        for user in &users {
            groups.add_missing(&user.member_of(), now);
        }
        let directory = RwLock::new(Directory { users, groups, has_lost_some, signed_up: 0, seeds });
        Users { user_pool_id, names, directory, changes: changes.clone() }
    }

    /// All of it as it is now, for a state file.
    pub(super) fn saved(&self) -> SavedUsers {
        let Directory { users, groups, has_lost_some, seeds, .. } = &*self.read();
        SavedUsers {
            users: users.clone(),
            groups: groups.clone(),
            has_lost_some: *has_lost_some,
            seeds: seeds.clone(),
        }
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

    /// The user who is known by this name to the API: one that signs them in, or the `sub`.
    pub(crate) fn known_as(&self, name: &str) -> Option<User> {
        self.find(name).or_else(|| self.read().users.iter().find(|user| user.sub == name).cloned())
    }

    /// Adds a user who can sign in, unless Cognito would not accept them.
    pub(crate) fn add(&self, entry: LocalUser, now: UnixSeconds) -> Result<(), Error> {
        Ok(self.insert(entry, None, now).map(drop)?)
    }

    /// Adds a user who signs up on a page, unless Cognito would not accept them or there are enough.
    pub(crate) fn sign_up(&self, entry: LocalUser, now: UnixSeconds) -> Result<User, Error> {
        let (mut directory, user) = self.insert_and_hold(entry, None, now, |directory| {
            if directory.signed_up >= MAX_SIGNED_UP {
                Err(Unchanged::PagesFull(MAX_SIGNED_UP))
            } else {
                Ok(())
            }
        })?;
        directory.signed_up += 1;
        Ok(user)
    }

    /// Adds a user and returns them, with another status than they would have.
    pub(crate) fn insert(
        &self,
        entry: LocalUser,
        status: Option<UserStatus>,
        now: UnixSeconds,
    ) -> Result<User, Unchanged> {
        self.insert_and_hold(entry, status, now, |_| Ok(())).map(|(_, user)| user)
    }

    /// Adds a user if `check` accepts the directory, which stays locked.
    fn insert_and_hold(
        &self,
        entry: LocalUser,
        status: Option<UserStatus>,
        now: UnixSeconds,
        check: impl FnOnce(&Directory) -> Result<(), Unchanged>,
    ) -> Result<(RwLockWriteGuard<'_, Directory>, User), Unchanged> {
        let mistakes: Vec<_> = user_mistakes(&entry, &self.names)
            .into_iter()
            .map(|(key, problem)| format!("`{key}`: {problem}"))
            .collect();
        if !mistakes.is_empty() {
            return Err(Unchanged::Refused(mistakes.join("; ")));
        }
        let mut directory = self.write();
        if directory.users.len() >= MAX_USERS {
            return Err(Unchanged::Full(MAX_USERS));
        }
        check(&directory)?;
        let derived = subject(&self.user_pool_id, &entry.name(&self.names));
        // Somebody keeps it who has changed their address since, or has it as a name.
        let is_known = |user: &User| user.sub == derived || user.names().contains(&derived);
        let is_taken = directory.has_lost_some || directory.users.iter().any(is_known);
        let sub = if is_taken { uuid() } else { derived };
        let mut user = User::new(entry, sub, &self.user_pool_id, &self.names, now);
        user.status = status.unwrap_or(user.status);
        self.check_free(&directory.users, &user)?;
        directory.groups.add_missing(&user.member_of(), now);
        directory.users.push(user.clone());
        self.changes.note();
        Ok((directory, user))
    }

    /// Removes the user who signs in by this name, and returns them; with a `sub`, nobody else who has the name by now.
    pub(crate) fn remove(&self, name: &str, sub: Option<&str>) -> Result<User, Error> {
        let folded = self.names.folded(name);
        let mut directory = self.write();
        let is_it = |user: &User| user.names().contains(&folded) && sub.is_none_or(|sub| user.sub == sub);
        let place = directory.users.iter().position(is_it);
        let user = directory.users.remove(place.ok_or_else(|| Unchanged::Unknown(name.into()))?);
        directory.has_lost_some = true;
        self.changes.note();
        Ok(user)
    }

    /// Changes the user who signs in by this name; when Cognito would not accept the outcome, nothing changes.
    pub(crate) fn change(
        &self,
        name: &str,
        change: impl FnOnce(&mut User) -> Result<(), String>,
    ) -> Result<(), Error> {
        Ok(self.update(name, |user| change(user).map_err(Unchanged::from)).map(drop)?)
    }

    /// Changes the user who signs in by this name, with an error of the caller's, and returns them.
    pub(crate) fn update<E: From<Unchanged>>(
        &self,
        name: &str,
        change: impl FnOnce(&mut User) -> Result<(), E>,
    ) -> Result<User, E> {
        self.update_among(name, |user, _| change(user))
    }

    /// Changes the user who signs in by this name, in view of the groups that exist, and returns them.
    pub(crate) fn update_among<E: From<Unchanged>>(
        &self,
        name: &str,
        change: impl FnOnce(&mut User, &Groups) -> Result<(), E>,
    ) -> Result<User, E> {
        let folded = self.names.folded(name);
        let mut directory = self.write();
        let Directory { users, groups, .. } = &mut *directory;
        let nobody = || Unchanged::Unknown(name.into());
        let place = users.iter().position(|user| user.names().contains(&folded)).ok_or_else(nobody)?;
        let (before, rest) = users.split_at_mut(place);
        let (user, after) = rest.split_first_mut().ok_or_else(nobody)?;
        let mut changed = user.clone();
        change(&mut changed, groups)?;
        changed.find_names(&self.names);
        changed.check_sign_in_name(&self.names)?;
        self.check_free(before, &changed)?;
        self.check_free(after, &changed)?;
        changed.modified = clock::now();
        groups.add_missing(&changed.member_of(), changed.modified);
        *user = changed.clone();
        self.changes.note();
        Ok(changed)
    }

    /// All groups, by name.
    pub(crate) fn groups(&self) -> Vec<Group> {
        self.read().groups.all()
    }

    /// The group of this name.
    pub(crate) fn group(&self, name: &str) -> Option<Group> {
        self.read().groups.get(name).cloned()
    }

    pub(crate) fn add_group(&self, group: Group) -> Result<(), GroupRefusal> {
        self.write().groups.add(group)?;
        self.changes.note();
        Ok(())
    }

    /// Removes a group, in which nobody is any more then.
    pub(crate) fn remove_group(&self, name: &str) -> Result<(), GroupRefusal> {
        let mut directory = self.write();
        let Directory { users, groups, .. } = &mut *directory;
        if users.iter().any(|user| user.stays_in(name)) {
            return Err(GroupRefusal::OfProvider);
        }
        groups.remove(name).ok_or(GroupRefusal::Unknown)?;
        for user in users {
            // Nobody stays.
            let _ = user.leave(name);
        }
        self.changes.note();
        Ok(())
    }

    /// What tokens say of the groups that a user is in.
    pub(super) fn standing(&self, user: &User) -> Standing {
        self.read().groups.standing(user.groups())
    }

    /// Whether the user shares no name with any of these, no identity and no `sub`.
    fn check_free(&self, others: &[User], user: &User) -> Result<(), Unchanged> {
        let shared = |other| Some((user.shared_with(other, &self.names)?, other));
        match others.iter().find_map(shared) {
            Some((what, other)) => Err(Unchanged::Taken { what, whose: other.sign_in_name(&self.names) }),
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
