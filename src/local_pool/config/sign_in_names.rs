//! By what names users of the local pool sign in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attribute::{is_email, is_phone_number};

/// What may stand in `username_attributes`.
const USERNAME_ATTRIBUTES: [&str; 2] = ["email", "phone_number"];
/// What may stand in `alias_attributes`.
const ALIAS_ATTRIBUTES: [&str; 3] = ["email", "phone_number", "preferred_username"];

/// By what names users sign in: by their username and its aliases, or by an address or number with a UUID as username.
///
/// Source: Cognito's developer guide, "Customizing sign-in attributes".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::local_pool) struct SignInNames {
    pub(in crate::local_pool) username_attributes: Vec<String>,
    pub(in crate::local_pool) alias_attributes: Vec<String>,
    pub(in crate::local_pool) case_sensitive: bool,
}

impl SignInNames {
    /// Whether usernames are UUIDs, and people sign in by an attribute.
    pub(in crate::local_pool) fn has_uuids(&self) -> bool {
        !self.username_attributes.is_empty()
    }

    /// The attribute that somebody signs in by whose entry has this `username`; `None` where it stays the username.
    pub(in crate::local_pool) fn attribute_of(&self, username: &str) -> Option<&'static str> {
        USERNAME_ATTRIBUTES.into_iter().find(|attribute| {
            let is_one = if *attribute == "email" { is_email(username) } else { is_phone_number(username) };
            is_one && self.username_attributes.iter().any(|name| name == attribute)
        })
    }

    /// A name as it is compared.
    pub(in crate::local_pool) fn folded(&self, name: &str) -> String {
        if self.case_sensitive { name.to_owned() } else { name.to_lowercase() }
    }

    /// The names that lead to a user, each with its attribute; people of other providers have no other than their username.
    pub(in crate::local_pool) fn of(
        &self,
        username: Option<&str>,
        is_federated: bool,
        attributes: &BTreeMap<String, String>,
    ) -> Vec<(&'static str, String)> {
        let verified = |name: &str| match name {
            "email" | "phone_number" => {
                attributes.get(&format!("{name}_verified")).is_some_and(|value| value == "true")
            }
            _ => true,
        };
        let by_attribute = ALIAS_ATTRIBUTES.into_iter().filter(|name| {
            let has = |list: &[String]| list.iter().any(|listed| listed == name);
            !is_federated && (has(&self.username_attributes) || has(&self.alias_attributes) && verified(name))
        });
        let by_attribute = by_attribute.filter_map(|name| Some((name, self.folded(attributes.get(name)?))));
        let username = username.map(|username| ("username", self.folded(username)));
        username.into_iter().chain(by_attribute).collect()
    }

    /// What the field of the sign-in page asks for.
    pub(in crate::local_pool) fn label(&self) -> String {
        let words = if self.has_uuids() { Vec::new() } else { vec!["username"] };
        let attributes = self.username_attributes.iter().chain(&self.alias_attributes);
        let attributes = attributes.filter_map(|name| match name.as_str() {
            "email" => Some("e-mail"),
            "phone_number" => Some("phone number"),
            // It looks like a username.
            _ => None,
        });
        let mut words: Vec<_> = words.into_iter().chain(attributes).collect();
        let last = words.pop().unwrap_or_default();
        let label = if words.is_empty() { last.into() } else { format!("{} or {last}", words.join(", ")) };
        let mut letters = label.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// What is wrong in the settings.
    pub(super) fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        for (key, given, allowed) in [
            ("username_attributes", &self.username_attributes, &USERNAME_ATTRIBUTES[..]),
            ("alias_attributes", &self.alias_attributes, &ALIAS_ATTRIBUTES[..]),
        ] {
            for name in given.iter().filter(|name| !allowed.contains(&name.as_str())) {
                let allowed = allowed.join(", ");
                mistakes.push((key, format!("{name:?} is none that people sign in by: there are {allowed}")));
            }
        }
        if !(self.username_attributes.is_empty() || self.alias_attributes.is_empty()) {
            let problem =
                "a pool has these or `username_attributes`, as in Cognito: leave one of the two out";
            mistakes.push(("alias_attributes", problem.into()));
        }
        mistakes
    }

    /// What is wrong with the username of a new user, who is of this pool and of no other provider.
    pub(super) fn mistake_of(&self, username: &str) -> Option<String> {
        let has_alias = |name: &str| self.alias_attributes.iter().any(|alias| alias == name);
        if self.has_uuids() && self.attribute_of(username).is_none() {
            let by = self.username_attributes.join(" or ");
            return Some(format!(
                "{username:?} should be what people sign in by, which is {by}: such as \"dave@example.com\" or \
                 \"+441632960000\". The username itself is then a UUID"
            ));
        }
        [("email", is_email(username)), ("phone_number", is_phone_number(username))]
            .into_iter()
            .find(|(alias, looks_like_it)| *looks_like_it && has_alias(alias))
            .map(|(alias, _)| {
                format!("{username:?} looks like the alias {alias}, which is no username at Cognito")
            })
    }
}
