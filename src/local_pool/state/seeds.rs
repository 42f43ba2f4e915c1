//! The users of the settings, put into those of a state file.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::groups::Groups;
use super::password::SlowHash;
use super::user::User;
use crate::clock::UnixSeconds;
use crate::local_pool::config::{LocalUser, SignInNames};
use crate::token::{subject, uuid};

/// The users as a state file has them.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct SavedUsers {
    pub(super) users: Vec<User>,
    #[serde(default)]
    pub(super) groups: Groups,
    pub(super) has_lost_some: bool,
    /// By the names of their entries.
    pub(super) seeds: Seeds,
}

pub(super) type Seeds = BTreeMap<String, Seed>;

/// An entry of the settings that has become a user.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Seed {
    /// The user's. They may have been removed since.
    sub: String,
    /// The entry as it then was.
    entry: SlowHash,
}

/// Puts new and changed entries in the place of whom they describe. The others have been applied before: what has
/// become of their users since is what counts.
pub(super) fn apply(
    entries: &[LocalUser],
    to: SavedUsers,
    user_pool_id: &str,
    names: &SignInNames,
    now: UnixSeconds,
) -> SavedUsers {
    let SavedUsers { mut users, groups, mut has_lost_some, seeds: before } = to;
    users.iter_mut().for_each(|user| user.find_names(names));
    let given: HashSet<_> = entries.iter().filter_map(|entry| entry.sub.as_ref()).collect();
    let is_applied = |entry: &&LocalUser| {
        before.get(&entry.name(names)).is_some_and(|seed| seed.entry.is_of(&text(entry)))
    };
    let (mut applied, changed): (Vec<_>, Vec<_>) = entries.iter().partition(is_applied);
    let mut changed = VecDeque::from(changed);
    let mut seeds = Seeds::new();

    while let Some(entry) = changed.pop_front() {
        let name = entry.name(names);
        let seed = before.get(&name);
        let user = |sub: String| User::new(entry.clone(), sub, user_pool_id, names, now);
        let derived = subject(user_pool_id, &name);
        let alike = user(derived.clone());
        let place = seed.and_then(|seed| users.iter().position(|other| other.sub == seed.sub));
        let is_of_an_entry = |other: &User| before.values().any(|seed| seed.sub == other.sub);
        let is_alike = |other: &User| other.shares_a_name_with(&alike) && !is_of_an_entry(other);
        let place = place.or_else(|| users.iter().position(is_alike));
        let predecessor = place.map(|place| users.remove(place));
        let is_taken = given.contains(&derived) || users.iter().any(|other| other.sub == derived);
        let user = user(match predecessor {
            // Their sessions go on.
            Some(predecessor) => predecessor.sub,
            None if has_lost_some || is_taken => uuid(),
            None => derived,
        });
        // Whoever has got a name of this entry meanwhile makes room, or becomes what their own entry says.
        let displaced: HashSet<_> = users
            .extract_if(.., |other| user.shared_with(other, names).is_some())
            .map(|other| other.sub)
            .collect();
        has_lost_some |= !displaced.is_empty();
        changed.extend(applied.extract_if(.., |entry| {
            before.get(&entry.name(names)).is_some_and(|seed| displaced.contains(&seed.sub))
        }));
        seeds.insert(name, Seed { sub: user.sub.clone(), entry: SlowHash::of(&text(entry)) });
        users.insert(place.unwrap_or(users.len()).min(users.len()), user);
    }
    let kept = applied.iter().map(|entry| entry.name(names));
    seeds.extend(kept.filter_map(|name| before.get(&name).cloned().map(|seed| (name, seed))));
    SavedUsers { users, groups, has_lost_some, seeds }
}

/// All that an entry says. A key that it leaves out changes nothing, even where that key is new.
fn text(entry: &LocalUser) -> Zeroizing<String> {
    let mut keys = serde_json::to_value(entry).unwrap_or_default();
    if let Value::Object(keys) = &mut keys {
        keys.retain(|_, value| match value {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(items) => !items.is_empty(),
            _ => true,
        });
    }
    Zeroizing::new(format!("{keys} {}", entry.given_password().expose()))
}
