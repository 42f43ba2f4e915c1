//! A user as the pool knows them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::password::Password;
use super::unchanged::Unchanged;
use super::user_status::UserStatus;
use crate::clock::UnixSeconds;
use crate::crypto::Secret;
use crate::local_pool::config::{
    Factor, LocalIdentity, LocalIdentityProvider, LocalTrigger, LocalUser, SignInNames, VERIFIED,
    attribute_mistake, count_mistake, group_mistakes, name_mistake, password_mistake,
};
use crate::token::{Identity, identities_claim, shown_attributes};

/// A user with all that follows from their entry, and what has changed since.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// The username in the form that tokens have.
    pub(crate) username: String,
    pub(crate) sub: String,
    pub(crate) disabled: bool,
    pub(crate) status: UserStatus,
    pub(crate) trigger: LocalTrigger,
    groups: Vec<String>,
    /// All of them are text at Cognito.
    attributes: BTreeMap<String, String>,
    roles: Vec<String>,
    preferred_role: Option<String>,
    identities: Vec<LocalIdentity>,
    /// The group of the provider that has signed the user in.
    provider_group: Option<String>,
    password: Password,
    pub(crate) since: UnixSeconds,
    pub(crate) modified: UnixSeconds,
    /// By which the user is found.
    #[serde(skip)]
    names: Vec<String>,
    /// What other providers call the user beside that, as a username.
    linked: Vec<String>,
    /// Those beside the password.
    #[serde(default)]
    factors: Vec<Factor>,
}

impl User {
    /// `sub` is that of a user who does not have one of their own.
    pub(super) fn new(
        entry: LocalUser,
        sub: String,
        user_pool_id: &str,
        names: &SignInNames,
        now: UnixSeconds,
    ) -> Self {
        let sub = entry.sub.clone().unwrap_or(sub);
        let provider = entry.own_identity(names).map(|identity| &identity.provider);
        let provider_group = provider.map(|provider| format!("{user_pool_id}_{provider}"));
        let username = match (&provider_group, names.has_uuids()) {
            // In pools that ignore case these are in lower case, unlike the provider's own names.
            (Some(_), _) => names.folded(&entry.name(names)),
            (None, true) => sub.clone(),
            (None, false) => entry.name(names),
        };
        let linked = entry.linked(names).map(|identity| names.folded(&identity.username())).collect();
        let password = Password::new(entry.given_password());
        let status =
            if provider_group.is_some() { UserStatus::ExternalProvider } else { UserStatus::Confirmed };
        let mut user = User {
            username,
            sub,
            disabled: entry.disabled,
            status,
            attributes: entry.all_attributes(names),
            provider_group,
            trigger: entry.trigger,
            groups: entry.groups,
            roles: entry.roles,
            preferred_role: entry.preferred_role,
            identities: entry.identities,
            password,
            since: now,
            modified: now,
            names: Vec::new(),
            linked,
            factors: entry.factors,
        };
        user.find_names(names);
        user
    }

    /// By what names the user is found, after a change.
    pub(super) fn find_names(&mut self, names: &SignInNames) {
        let all = names.of(Some(&self.username), self.is_federated(), &self.attributes);
        self.names = all.into_iter().map(|(_, name)| name).collect();
    }

    /// The names that lead to this user, as they are compared.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn shares_a_name_with(&self, other: &User) -> bool {
        self.names.iter().any(|name| other.names.contains(name))
    }

    /// What this user and another would both be found by, or be known as, in words: a name, an identity or the `sub`.
    pub(super) fn shared_with(&self, other: &User, names: &SignInNames) -> Option<String> {
        let is_taken = |name: &&String| other.names.iter().chain(&other.linked).any(|taken| taken == *name);
        let shared = self.names.iter().chain(&self.linked).find(is_taken);
        // Where the `sub` is the username, it is a name among the others.
        let is_sub =
            |name: &str| names.has_uuids() && !self.is_federated() && names.folded(&self.sub) == name;
        // The API finds users by both, and must not take one for another.
        let is_named = |user: &User, sub: &str| user.names.contains(&names.folded(sub));
        match shared {
            Some(name) if !is_sub(name) => Some(format!("{name:?}")),
            None if is_named(self, &other.sub) => Some(format!("the sub {:?}", other.sub)),
            None if self.sub != other.sub && !is_named(other, &self.sub) => None,
            _ => Some(format!("the sub {:?}", self.sub)),
        }
    }

    /// Checks that whoever has a UUID as username can be found by something else, after a change.
    pub(super) fn check_sign_in_name(&self, names: &SignInNames) -> Result<(), Unchanged> {
        if names.has_uuids() && !self.is_federated() && self.names.len() < 2 {
            let by = names.username_attributes.join("` or `");
            let problem = format!("{} signs in by `{by}`: change it, or remove the user", self.username);
            return Err(Unchanged::Refused(problem));
        }
        Ok(())
    }

    /// What the person would enter to sign in, or else the username.
    pub(crate) fn sign_in_name(&self, names: &SignInNames) -> String {
        let by_attribute = ["email", "phone_number"].into_iter().find_map(|name| {
            let value = self.attributes.get(name)?;
            self.names.contains(&names.folded(value)).then(|| value.clone())
        });
        by_attribute.filter(|_| names.has_uuids()).unwrap_or_else(|| self.username.clone())
    }

    /// Whether another identity provider has signed the user in.
    pub(crate) fn is_federated(&self) -> bool {
        self.provider_group.is_some()
    }

    /// The factors that the user can show beside the password.
    pub(crate) fn factors(&self) -> impl Iterator<Item = Factor> {
        Factor::SECOND.into_iter().filter(|factor| self.factors.contains(factor))
    }

    /// The provider because of which the user exists.
    pub(crate) fn provider(&self) -> Option<&str> {
        let first = self.identities.first().filter(|_| self.is_federated());
        first.map(|identity| identity.provider.as_str())
    }

    /// What the user is at this identity provider.
    pub(crate) fn identity_at(&self, provider: &str) -> Option<&LocalIdentity> {
        self.identities.iter().find(|identity| identity.provider == provider)
    }

    /// Where the user is known beside this pool.
    pub(super) fn identity_providers(&self) -> impl Iterator<Item = LocalIdentityProvider> {
        self.identities.iter().map(LocalIdentityProvider::of)
    }

    /// Whether this is the password of a user who has one.
    pub(crate) fn has_password(&self, password: &str) -> bool {
        self.status != UserStatus::ExternalProvider && self.password.is(password)
    }

    /// Checks a new password against the pool's policy.
    pub(crate) fn check_password(password: &str) -> Result<(), String> {
        password_mistake(password).map_or(Ok(()), Err)
    }

    /// The groups in tokens.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.trigger.groups.clone().unwrap_or_else(|| self.member_of())
    }

    /// The groups that the user is in, whatever a trigger makes of them.
    pub(crate) fn member_of(&self) -> Vec<String> {
        self.groups.iter().chain(&self.provider_group).cloned().collect()
    }

    /// Adds the user to a group, in which they may be already.
    pub(crate) fn join(&mut self, group: &str) -> Result<(), String> {
        if self.member_of().iter().any(|name| name == group) {
            return Ok(());
        }
        let mut groups = self.groups.clone();
        groups.push(group.to_owned());
        self.set_groups(groups)
    }

    /// Takes the user out of a group, unless they stay in it.
    pub(crate) fn leave(&mut self, group: &str) -> Result<(), String> {
        if self.stays_in(group) {
            return Err(format!(
                "{} comes from the identity provider of {group}, and stays in it",
                self.username
            ));
        }
        self.groups.retain(|name| name != group);
        Ok(())
    }

    /// Whether this is the group of the provider that has signed the user in.
    pub(super) fn stays_in(&self, group: &str) -> bool {
        self.provider_group.as_deref() == Some(group)
    }

    pub(super) fn roles(&self) -> (&[String], Option<&str>) {
        (&self.roles, self.preferred_role.as_deref())
    }

    /// What other identity providers call the user.
    pub(super) fn identities<'u>(&'u self) -> Vec<Identity<'u>> {
        let identities = self.identities.iter().enumerate();
        let identity = |(index, identity): (usize, &'u LocalIdentity)| Identity {
            provider: &identity.provider,
            provider_type: identity.provider_type.as_deref(),
            user_id: &identity.user_id,
            issuer: identity.issuer.as_deref(),
            is_primary: index == 0 && self.is_federated(),
            linked_at: self.since,
        };
        identities.map(identity).collect()
    }

    /// The attributes as tokens have them: what is verified is a flag there.
    pub(super) fn attributes(&self) -> Map<String, Value> {
        let claim = |(name, value): (&String, &String)| match name.as_str() {
            "email_verified" | "phone_number_verified" => (name.clone(), (value == "true").into()),
            _ => (name.clone(), value.as_str().into()),
        };
        self.attributes.iter().map(claim).collect()
    }

    /// The attributes as the API lists them: all are text, and the `sub` is one of them.
    pub(crate) fn listed_attributes(&self) -> BTreeMap<String, String> {
        let mut listed = self.attributes.clone();
        let identities = identities_claim(&self.identities()).map(|claim| claim.to_string());
        listed.extend(identities.map(|text| ("identities".to_owned(), text)));
        listed.insert("sub".into(), self.sub.clone());
        listed
    }

    /// What userInfo says to a sign-in with these scopes, where flags and identities are text.
    pub(crate) fn user_info(&self, scopes: &[String]) -> Map<String, Value> {
        let as_text = |(name, value)| match value {
            Value::Bool(value) => (name, value.to_string().into()),
            value => (name, value),
        };
        let mut info: Map<_, _> =
            shown_attributes(&self.attributes(), scopes).into_iter().map(as_text).collect();
        let identities = identities_claim(&self.identities()).map(|claim| claim.to_string().into());
        info.extend(identities.map(|text| ("identities".to_owned(), text)));
        info.insert("sub".into(), self.sub.as_str().into());
        info.insert("username".into(), self.username.as_str().into());
        info
    }

    /// Replaces the groups, unless Cognito would not accept them.
    pub(crate) fn set_groups(&mut self, groups: Vec<String>) -> Result<(), String> {
        let mistakes = group_mistakes(&self.username, &groups);
        if !mistakes.is_empty() {
            return Err(mistakes.join("; "));
        }
        self.groups = groups;
        Ok(())
    }

    /// Sets an attribute, unless Cognito would not accept it.
    pub(crate) fn set_attribute(&mut self, name: &str, value: String) -> Result<(), String> {
        if let Some(problem) = attribute_mistake(&self.username, name, &value) {
            return Err(problem);
        }
        let others = self.attributes.keys().filter(|other| *other != name).map(String::as_str);
        if let Some(problem) = count_mistake(&self.username, others.chain([name])) {
            return Err(problem);
        }
        for (attribute, verified) in VERIFIED {
            if name == attribute && self.attributes.get(name) != Some(&value) {
                self.attributes.insert(verified.into(), "false".into());
            } else if name == verified && !self.attributes.contains_key(attribute) {
                let username = &self.username;
                return Err(format!("{username} has no `{attribute}` that could be verified: set it first"));
            }
        }
        self.attributes.insert(name.into(), value);
        Ok(())
    }

    /// Removes an attribute, and what says whether it was verified, unless there is no such attribute at Cognito.
    pub(crate) fn remove_attribute(&mut self, name: &str) -> Result<(), String> {
        if let Some(problem) = name_mistake(&self.username, name) {
            return Err(problem);
        }
        self.attributes.remove(name);
        for (_, verified) in VERIFIED.iter().filter(|(attribute, _)| *attribute == name) {
            self.attributes.remove(*verified);
        }
        Ok(())
    }

    /// Replaces the password, unless the pool's policy does not accept it; the error says why, in Cognito's words.
    pub(crate) fn set_password(&mut self, password: &str) -> Result<(), String> {
        Self::check_password(password)?;
        self.password = Password::new(Secret::new(password));
        Ok(())
    }

    /// Replaces what a trigger does, unless it may not.
    pub(crate) fn set_trigger(&mut self, trigger: LocalTrigger) -> Result<(), String> {
        let mistakes: Vec<_> =
            trigger.mistakes(&self.username).into_iter().map(|(_, problem)| problem).collect();
        if !mistakes.is_empty() {
            return Err(mistakes.join("; "));
        }
        self.trigger = trigger;
        Ok(())
    }
}
