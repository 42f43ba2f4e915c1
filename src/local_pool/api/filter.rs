//! The filter of `ListUsers`.

use super::error::ApiError;
use crate::local_pool::state::User;

/// What can be filtered by.
const ATTRIBUTES: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

/// `attribute = "value"` or `attribute ^= "value"`.
///
/// Source: Cognito's API reference, `ListUsers`, parameter `Filter`.
pub(super) struct Filter {
    attribute: String,
    is_prefix: bool,
    value: String,
}

impl Filter {
    /// `None` when the text is empty, which every user passes.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, ApiError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let filter = Self::try_parse(text);
        let filter = filter.ok_or_else(|| ApiError::invalid_parameter("Error while parsing filter"))?;
        if !ATTRIBUTES.contains(&filter.attribute.as_str()) {
            let attribute = &filter.attribute;
            return Err(ApiError::invalid_parameter(format!("Cannot filter by the attribute {attribute}")));
        }
        Ok(Some(filter))
    }

    fn try_parse(text: &str) -> Option<Self> {
        let (attribute, value) = text.split_once('=')?;
        let (attribute, is_prefix) = match attribute.strip_suffix('^') {
            Some(attribute) => (attribute, true),
            None => (attribute, false),
        };
        let quoted = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        let mut value = String::new();
        let mut letters = quoted.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => value.push(letters.next()?),
                '"' => return None,
                letter => value.push(letter),
            }
        }
        let attribute = attribute.trim().trim_matches('"').to_owned();
        Some(Filter { attribute, is_prefix, value })
    }

    pub(super) fn passes(&self, user: &User) -> bool {
        // Without case: the names of statuses alone are compared so.
        let (attribute, mut sought) = (self.attribute.as_str(), self.value.clone());
        if attribute == "cognito:user_status" {
            sought.make_ascii_uppercase();
        }
        let value = match attribute {
            "username" => Some(user.username.clone()),
            "cognito:user_status" => Some(user.status.name().into()),
            "status" => Some(if user.disabled { "Disabled" } else { "Enabled" }.into()),
            attribute => user.listed_attributes().remove(attribute),
        };
        let is_like = |value: String| match self.is_prefix {
            true => value.starts_with(&sought),
            false => value == sought,
        };
        value.is_some_and(is_like)
    }
}
