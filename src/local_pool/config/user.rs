//! A user of the local pool.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::{Field, Form};
use crate::crypto::{Secret, same};
use crate::token::shown_attributes;

/// The password of users who are given none.
const DEFAULT_PASSWORD: &str = "Passw0rd!";

/// Quotas of Cognito.
const MAX_GROUPS: usize = 100;
const MAX_ATTRIBUTE_BYTES: usize = 2048;

/// Cognito's standard attributes that an ID token shows as plain text.
const STANDARD_ATTRIBUTES: [&str; 14] = [
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "website",
    "zoneinfo",
];

/// A user of the local pool: an entry of `local_pool.users`.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::LocalUser;
///
/// let dave = LocalUser::new("dave").group("admin").attribute("custom:team", "blue");
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalUser {
    pub(crate) username: String,
    #[serde(default = "default_password")]
    password: Secret,
    #[serde(default)]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(skip)]
    pub(crate) disabled: bool,
}

fn default_password() -> Secret {
    Secret::new(DEFAULT_PASSWORD)
}

impl LocalUser {
    /// The keys of an entry.
    pub(super) const FIELDS: &[Field] = &[
        Field::required("username", Form::Text),
        Field::new("password", Form::Text),
        Field::new("groups", Form::Texts),
        Field::new("email", Form::Text),
        Field::new("attributes", Form::NamedTexts),
    ];

    /// A user in no group, with the password `Passw0rd!` and the e-mail `<username>@example.com`.
    #[must_use]
    pub fn new(username: impl Into<String>) -> Self {
        LocalUser {
            username: username.into(),
            password: default_password(),
            groups: Vec::new(),
            email: None,
            attributes: BTreeMap::new(),
            disabled: false,
        }
    }

    /// Alice (group admin), bob (group editor) and carol (no group).
    pub(super) fn defaults() -> Vec<Self> {
        vec![Self::new("alice").group("admin"), Self::new("bob").group("editor"), Self::new("carol")]
    }

    /// Replaces the password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Secret::new(password);
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

    /// Sets a standard attribute, such as `name`, or a custom one, such as `custom:team`, to at most 2048 bytes.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// The attributes that an ID token and userInfo show to a sign-in with these scopes.
    pub(crate) fn shown_attributes(&self, scopes: &[String]) -> Map<String, Value> {
        shown_attributes(&self.all_attributes(), scopes)
    }

    /// What the pool knows about the user.
    pub(crate) fn all_attributes(&self) -> Map<String, Value> {
        let mut all = Map::new();
        all.insert("email".into(), self.email_address().into());
        all.insert("email_verified".into(), true.into());
        for (name, value) in &self.attributes {
            all.insert(name.clone(), value.as_str().into());
        }
        all
    }

    fn email_address(&self) -> String {
        match &self.email {
            Some(email) => email.clone(),
            None => format!("{}@example.com", self.username),
        }
    }

    pub(crate) fn has_password(&self, password: &str) -> bool {
        same(self.password.expose(), password)
    }

    /// What Cognito would not accept of this user, each with its key.
    pub(crate) fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        let mut wrong = |key, problem: String| mistakes.push((key, problem));
        let username = &self.username;
        if username.is_empty() || username.chars().count() > 128 || username.chars().any(char::is_control) {
            wrong("username", format!("{username:?} needs 1 to 128 printable characters"));
        }
        if self.password.expose().is_empty() {
            wrong("password", format!("{username}'s is empty: leave the key out for {DEFAULT_PASSWORD:?}"));
        }
        for group in &self.groups {
            if group.is_empty() || group.chars().count() > 128 || group.contains(char::is_whitespace) {
                let needs = "needs 1 to 128 characters and no spaces, as in Cognito";
                wrong("groups", format!("{username}'s group {group:?} {needs}"));
            }
        }
        if self.groups.len() > MAX_GROUPS {
            let count = self.groups.len();
            wrong("groups", format!("{username} is in {count} groups, and Cognito allows {MAX_GROUPS}"));
        }
        for (name, value) in &self.attributes {
            if value.len() > MAX_ATTRIBUTE_BYTES {
                let bytes = value.len();
                let allowed = format!("and Cognito allows {MAX_ATTRIBUTE_BYTES}");
                wrong("attributes", format!("{username}'s attribute {name:?} has {bytes} bytes, {allowed}"));
            }
            if name == "email" {
                let problem =
                    format!("{username}'s `email` is a key of its own: move it out of `attributes`");
                wrong("attributes", problem);
            } else if !STANDARD_ATTRIBUTES.contains(&name.as_str()) && !is_custom(name) {
                let remedy = format!("write it as \"custom:{name}\"");
                wrong(
                    "attributes",
                    format!("{username}'s attribute {name:?} is none of Cognito's: {remedy}"),
                );
            }
        }
        mistakes
    }
}

fn is_custom(name: &str) -> bool {
    name.strip_prefix("custom:").is_some_and(|rest| (1..=20).contains(&rest.len()))
}
