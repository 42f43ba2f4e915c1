//! A user of the local pool.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::attribute::{VERIFIED, is_email};
use super::factor::{FACTORS, Factor};
use super::identity::LocalIdentity;
use super::sign_in_names::SignInNames;
use super::trigger::LocalTrigger;
use crate::config::{Field, Form};
use crate::crypto::Secret;

/// The password of users who are given none.
pub(in crate::local_pool) const DEFAULT_PASSWORD: &str = "Passw0rd!";

/// A user of the local pool: an entry of `local_pool.users`.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalIdentity, LocalUser};
///
/// let dave = LocalUser::new("dave").group("admin").attribute("custom:team", "blue");
/// let erin = LocalUser::new("erin").attribute("email_verified", "false").disabled();
/// let frank = LocalUser::new("frank").without("email");
/// let grace = LocalUser::federated(LocalIdentity::new("Google", "1234"));
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalUser {
    /// Empty for one who takes it from an identity.
    #[serde(default)]
    pub(in crate::local_pool) username: String,
    #[serde(default, skip_serializing)]
    pub(super) password: Option<Secret>,
    #[serde(default)]
    pub(in crate::local_pool) sub: Option<String>,
    #[serde(default)]
    pub(in crate::local_pool) groups: Vec<String>,
    #[serde(default)]
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) without: Vec<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::local_pool) roles: Vec<String>,
    #[serde(default)]
    pub(in crate::local_pool) preferred_role: Option<String>,
    #[serde(default)]
    pub(in crate::local_pool) identities: Vec<LocalIdentity>,
    #[serde(default)]
    pub(in crate::local_pool) trigger: LocalTrigger,
    #[serde(default)]
    pub(in crate::local_pool) disabled: bool,
    #[serde(default)]
    pub(in crate::local_pool) factors: Vec<Factor>,
}

/// Attributes are text at Cognito, whatever they say.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Plain {
        Flag(bool),
        Number(i64),
        Text(String),
        /// Figment keeps a text of one letter apart where it reads quotes in an environment variable.
        Letter(char),
    }
    let given = BTreeMap::<String, Plain>::deserialize(deserializer)?;
    let text = |value| match value {
        Plain::Flag(value) => value.to_string(),
        Plain::Number(value) => value.to_string(),
        Plain::Text(value) => value,
        Plain::Letter(value) => value.into(),
    };
    Ok(given.into_iter().map(|(name, value)| (name, text(value))).collect())
}

impl LocalUser {
    /// The keys of an entry.
    pub(super) const FIELDS: &[Field] = &[
        Field::required_without("identities", "username", Form::Text),
        Field::new("password", Form::Text),
        Field::new("groups", Form::Texts),
        Field::new("email", Form::Text),
        Field::new("attributes", Form::NamedPlain),
        Field::new("without", Form::Texts),
        Field::new("sub", Form::Text),
        Field::new("roles", Form::Texts),
        Field::new("preferred_role", Form::Text),
        Field::new("identities", Form::Tables(LocalIdentity::FIELDS)),
        Field::new("trigger", Form::Table(LocalTrigger::FIELDS)),
        Field::new("disabled", Form::Flag),
        Field::new("factors", Form::OneOf(FACTORS)),
    ];

    /// A user in no group, with the password `Passw0rd!` and the e-mail `<username>@example.com`, or the username itself
    /// where that is an address.
    ///
    /// In a pool with [`username_attributes`](super::LocalPoolConfig::username_attributes) this is the address or number
    /// that the person signs in by, and the username a UUID.
    #[must_use]
    pub fn new(username: impl Into<String>) -> Self {
        LocalUser {
            username: username.into(),
            password: None,
            sub: None,
            groups: Vec::new(),
            email: None,
            without: Vec::new(),
            attributes: BTreeMap::new(),
            roles: Vec::new(),
            preferred_role: None,
            identities: Vec::new(),
            trigger: LocalTrigger::new(),
            disabled: false,
            factors: Vec::new(),
        }
    }

    /// A user whom another identity provider has signed in, as Cognito makes them: the username is
    /// `<provider>_<user id>`, the ID token has the claim `identities`, the user is in the group
    /// `<pool id>_<provider>`, and has no password. In TOML it is an entry with `identities` and no `username`.
    #[must_use]
    pub fn federated(identity: LocalIdentity) -> Self {
        LocalUser { identities: vec![identity], ..LocalUser::new("") }
    }

    /// Alice (group admin, with an authenticator app and a passkey), bob (group editor, with codes by e-mail) and carol (no
    /// group, a password alone), by the names of this pool.
    pub(super) fn defaults(names: &SignInNames) -> Vec<Self> {
        let by_number = names.has_uuids() && names.attribute_of("alice@example.com").is_none();
        let usernames = match (names.has_uuids(), by_number) {
            (false, _) => ["alice", "bob", "carol"],
            (true, false) => ["alice@example.com", "bob@example.com", "carol@example.com"],
            (true, true) => ["+441632960001", "+441632960002", "+441632960003"],
        };
        let [alice, bob, carol] = usernames.map(Self::new);
        let alice = alice.group("admin").factor(Factor::Totp).factor(Factor::PlatformPasskey);
        vec![alice, bob.group("editor").factor(Factor::EmailCode), carol]
    }

    /// Replaces the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(Secret::new(password));
        self
    }

    /// Adds the user to a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// Adds the user to many groups; Cognito's limit is 100.
    #[must_use]
    pub fn groups<G>(mut self, groups: G) -> Self
    where
        G: IntoIterator<Item: Into<String>>,
    {
        self.groups.extend(groups.into_iter().map(Into::into));
        self
    }

    /// Replaces the e-mail address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Sets a standard attribute, such as `name`, or a custom one, such as `custom:team`, to at most 2048 bytes. All are
    /// text. `email_verified` and `phone_number_verified` are `"true"` unless set to `"false"`; for a
    /// [`federated`](Self::federated) user they are `"false"` unless set to `"true"`, as at Cognito.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Leaves out an attribute that the pool gives to everybody: `email`, `email_verified`, or the
    /// `phone_number_verified` beside a number.
    #[must_use]
    pub fn without(mut self, attribute: impl Into<String>) -> Self {
        self.without.push(attribute.into());
        self
    }

    /// Sets the `sub`, which otherwise follows from the username. In a pool with
    /// [`username_attributes`](super::LocalPoolConfig::username_attributes) it is the username too.
    #[must_use]
    pub fn with_sub(mut self, sub: impl Into<String>) -> Self {
        self.sub = Some(sub.into());
        self
    }

    /// Sets the IAM roles of the user's groups: the claim `cognito:roles` of the ID token.
    #[must_use]
    pub fn roles<R>(mut self, roles: R) -> Self
    where
        R: IntoIterator<Item: Into<String>>,
    {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the role of the group that comes first: the claim `cognito:preferred_role` of the ID token.
    #[must_use]
    pub fn preferred_role(mut self, role: impl Into<String>) -> Self {
        self.preferred_role = Some(role.into());
        self
    }

    /// Links the user to what they are at another identity provider, for the claim `identities`; Cognito allows five.
    #[must_use]
    pub fn identity(mut self, identity: LocalIdentity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Sets what a trigger does to the user's tokens.
    #[must_use]
    pub fn trigger(mut self, trigger: LocalTrigger) -> Self {
        self.trigger = trigger;
        self
    }

    /// Refuses the user every sign-in, until [`enable_user`](super::super::LocalPool::enable_user).
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    /// Adds a factor that the user can show beside the password, when an app asks for a level of sign-in, or instead of
    /// it: see [`Factor`]. Codes are always `123456`.
    #[must_use]
    pub fn factor(mut self, factor: Factor) -> Self {
        self.factors.push(factor);
        self
    }

    /// The password, which nobody asks of a federated user.
    pub(in crate::local_pool) fn given_password(&self) -> Secret {
        self.password.clone().unwrap_or_else(|| Secret::new(DEFAULT_PASSWORD))
    }

    /// The identity that the user exists because of; `None` for a user of the pool itself.
    pub(in crate::local_pool) fn own_identity(&self, names: &SignInNames) -> Option<&LocalIdentity> {
        let first = self.identities.first()?;
        let has_its_name = || names.folded(&self.username) == names.folded(&first.username());
        (self.username.is_empty() || has_its_name()).then_some(first)
    }

    /// The identities beside their own.
    pub(in crate::local_pool) fn linked(&self, names: &SignInNames) -> impl Iterator<Item = &LocalIdentity> {
        self.identities.iter().skip(usize::from(self.own_identity(names).is_some()))
    }

    /// The user's name, by which their entry is known.
    pub(in crate::local_pool) fn name(&self, names: &SignInNames) -> String {
        self.own_identity(names).map_or_else(|| self.username.clone(), LocalIdentity::username)
    }

    /// The attribute that the user signs in by instead of a username.
    pub(in crate::local_pool) fn signs_in_by(&self, names: &SignInNames) -> Option<&'static str> {
        names.attribute_of(&self.username).filter(|_| self.own_identity(names).is_none())
    }

    /// The attributes that the user begins with.
    pub(in crate::local_pool) fn all_attributes(&self, names: &SignInNames) -> BTreeMap<String, String> {
        let mut all = self.attributes.clone();
        let by_attribute = self.signs_in_by(names);
        if let Some(attribute) = by_attribute {
            all.insert(attribute.into(), self.username.clone());
        }
        // Who signs in by number need not have an address.
        let has_address = self.email.is_some() || by_attribute != Some("phone_number");
        if has_address && !self.is_without("email") {
            all.insert("email".into(), self.email_address(names));
        }
        // What another provider says is not verified at Cognito, unless the mapping of attributes says that it is.
        let is_verified = self.own_identity(names).is_none();
        for (attribute, verified) in VERIFIED {
            if !all.contains_key(attribute) {
                all.remove(verified);
            } else if !self.is_without(verified) {
                all.entry(verified.into()).or_insert_with(|| is_verified.to_string());
            }
        }
        all
    }

    /// What no other user may have, each with the key that it was typed at: the names that lead to this one, identities,
    /// and the `sub`, by which the API finds users as it does by a name.
    pub(super) fn taken_names(&self, names: &SignInNames) -> Vec<(&'static str, String)> {
        let is_federated = self.own_identity(names).is_some();
        let username = (is_federated || !names.has_uuids()).then(|| self.name(names));
        let by_name = names.of(username.as_deref(), is_federated, &self.all_attributes(names));
        let typed_at = |attribute| match attribute {
            "username" if self.username.is_empty() => "identities",
            "username" => "username",
            _ if self.signs_in_by(names) == Some(attribute) => "username",
            "email" if self.email.is_some() => "email",
            // It follows from the username.
            "email" => "username",
            _ => "attributes",
        };
        let by_name = by_name.into_iter().map(|(attribute, name)| (typed_at(attribute), name));
        let linked = self.linked(names).map(|identity| ("identities", names.folded(&identity.username())));
        let sub = self.sub.iter().map(|sub| ("sub", names.folded(sub)));
        by_name.chain(linked).chain(sub).collect()
    }

    pub(super) fn is_without(&self, attribute: &str) -> bool {
        self.without.iter().any(|name| name == attribute)
    }

    fn email_address(&self, names: &SignInNames) -> String {
        let name = self.own_identity(names).map_or(&self.username, |identity| &identity.user_id);
        match &self.email {
            Some(email) => email.clone(),
            None if is_email(name) => name.clone(),
            None => format!("{}@example.com", name.replace('@', "_")),
        }
    }
}
