//! The groups of the pool.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;

/// A quota of Cognito.
const MAX_GROUPS: usize = 10_000;

/// A group, which exists whether somebody is in it or not.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) role_arn: Option<String>,
    /// The group with the lowest one comes first; one without comes last.
    pub(crate) precedence: Option<u32>,
    pub(crate) created: UnixSeconds,
    pub(crate) modified: UnixSeconds,
}

impl Group {
    pub(crate) fn new(name: String, now: UnixSeconds) -> Self {
        Group { name, description: None, role_arn: None, precedence: None, created: now, modified: now }
    }

    /// By which groups are ordered.
    fn rank(&self) -> u32 {
        self.precedence.unwrap_or(u32::MAX)
    }
}

/// Why a group was not added or removed.
pub(crate) enum GroupRefusal {
    Exists,
    TooMany,
    Unknown,
    /// Users whom a provider has signed in stay in its group.
    OfProvider,
}

/// The groups by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Groups(BTreeMap<String, Group>);

/// What tokens say of the groups that a user is in.
pub(super) struct Standing {
    pub(super) groups: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) preferred_role: Option<String>,
}

impl Groups {
    pub(super) fn all(&self) -> Vec<Group> {
        self.0.values().cloned().collect()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Group> {
        self.0.get(name)
    }

    pub(super) fn add(&mut self, group: Group) -> Result<(), GroupRefusal> {
        if self.0.contains_key(&group.name) {
            return Err(GroupRefusal::Exists);
        }
        if self.0.len() >= MAX_GROUPS {
            return Err(GroupRefusal::TooMany);
        }
        self.0.insert(group.name.clone(), group);
        Ok(())
    }

    /// Adds the groups that somebody is in. Those beyond the quota are not listed among the pool's.
    pub(super) fn add_missing(&mut self, names: &[String], now: UnixSeconds) {
        for name in names {
            let _ = self.add(Group::new(name.clone(), now));
        }
    }

    pub(super) fn remove(&mut self, name: &str) -> Option<Group> {
        self.0.remove(name)
    }

    /// The groups, first those that come first, and their roles. The preferred role is that of the first groups that
    /// have one, if it is the same one.
    ///
    /// Source: Cognito's developer guide, "Adding groups to a user pool", section "Assigning precedence values to groups".
    pub(super) fn standing(&self, mut groups: Vec<String>) -> Standing {
        let rank = |name: &String| self.get(name).map_or(u32::MAX, Group::rank);
        groups.sort_by_key(rank);
        let with_role: Vec<_> = groups
            .iter()
            .filter_map(|name| self.get(name))
            .filter_map(|group| Some((group.rank(), group.role_arn.as_ref()?)))
            .collect();
        let mut roles: Vec<String> = Vec::new();
        for (_, role) in &with_role {
            if !roles.contains(role) {
                roles.push((*role).clone());
            }
        }
        let preferred = with_role.first().filter(|(first, role)| {
            *first != u32::MAX && with_role.iter().all(|(rank, other)| rank != first || other == role)
        });
        Standing { preferred_role: preferred.map(|(_, role)| (*role).clone()), groups, roles }
    }
}
