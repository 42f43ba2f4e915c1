//! Attributes in the form `[{ "Name": …, "Value": … }]`, and the users that have them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::ApiError;
use super::members::Members;
use crate::local_pool::config::{LocalUser, SignInNames, VERIFIED};
use crate::local_pool::state::User;

/// The attributes in a request, by name. An attribute without a value, or with an empty one, is to be removed.
pub(super) fn read(request: Members<'_>, member: &str) -> Result<BTreeMap<String, String>, ApiError> {
    read_all(request.objects(member)?)
}

/// The attributes in a request that must have some, by name.
pub(super) fn read_required(
    request: Members<'_>,
    member: &str,
) -> Result<BTreeMap<String, String>, ApiError> {
    read_all(request.required_objects(member)?)
}

fn read_all(objects: Vec<Members<'_>>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut attributes = BTreeMap::new();
    for attribute in objects {
        let value = attribute.text("Value")?.unwrap_or_default();
        attributes.insert(attribute.required("Name")?.to_owned(), value.to_owned());
    }
    Ok(attributes)
}

/// A new user with these attributes, and the one that the username is. An address is verified if that was said. Those
/// without a value are left out.
pub(super) fn new_user(
    username: &str,
    attributes: &BTreeMap<String, String>,
    names: &SignInNames,
) -> LocalUser {
    let mut entry = LocalUser::new(username);
    let by_attribute = entry.signs_in_by(names);
    let attributes: BTreeMap<_, _> = attributes.iter().filter(|(_, value)| !value.is_empty()).collect();
    let has = |name: &str| attributes.keys().any(|given| *given == name) || by_attribute == Some(name);
    if !has("email") {
        entry = entry.without("email");
    }
    for (attribute, verified) in VERIFIED {
        if has(attribute) && !has(verified) {
            entry = entry.attribute(verified, "false");
        }
    }
    for (name, value) in attributes {
        entry = match name.as_str() {
            "email" => entry.email(value.as_str()),
            _ => entry.attribute(name.as_str(), value.as_str()),
        };
    }
    entry
}

/// Changes attributes of a user; those that say what is verified last, since what they are about unsets them.
pub(super) fn write(user: &mut User, attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let is_about_another = |name: &str| VERIFIED.iter().any(|(_, verified)| *verified == name);
    let (last, first): (Vec<_>, Vec<_>) = attributes.iter().partition(|(name, _)| is_about_another(name));
    for (name, value) in first.into_iter().chain(last) {
        let changed = if value.is_empty() {
            user.remove_attribute(name)
        } else {
            user.set_attribute(name, value.clone())
        };
        changed.map_err(ApiError::invalid_parameter)?;
    }
    Ok(())
}

/// The attributes of a user: all, or those of these names.
pub(super) fn list(user: &User, names: Option<&[&str]>) -> Vec<Value> {
    let listed = user.listed_attributes().into_iter();
    let listed = listed.filter(|(name, _)| names.is_none_or(|names| names.contains(&name.as_str())));
    listed.map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

/// A user as lists show them.
pub(super) fn describe(user: &User, names: Option<&[&str]>) -> Value {
    json!({
        "Username": user.username,
        "Attributes": list(user, names),
        "UserCreateDate": user.since,
        "UserLastModifiedDate": user.modified,
        "Enabled": !user.disabled,
        "UserStatus": user.status.name(),
    })
}
