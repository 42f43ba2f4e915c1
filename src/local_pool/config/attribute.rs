//! The attributes that users have at Cognito.

use rocket::time::{Date, Month};

use crate::config::closest;

/// A quota of Cognito.
const MAX_BYTES: usize = 2048;

/// How many characters may stand behind `custom:`.
const MAX_CUSTOM_CHARACTERS: usize = 20;

/// A quota of Cognito, which has it for a pool: no user can have more.
const MAX_CUSTOM: usize = 50;

/// Those that are in the pool's hands unless the settings say otherwise.
pub(super) const OF_THE_POOL: [&str; 3] = ["email", "email_verified", "phone_number_verified"];

/// What can be verified, each with the attribute that says so.
pub(in crate::local_pool) const VERIFIED: [(&str, &str); 2] =
    [("email", "email_verified"), ("phone_number", "phone_number_verified")];

/// Cognito's standard attributes beside `email` and `sub`, with the two that say what is verified.
const STANDARD: [&str; 18] = [
    "address",
    "birthdate",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// What `users` have keys of their own for.
const KEYS: [&str; 11] = [
    "disabled",
    "email",
    "groups",
    "identities",
    "password",
    "preferred_role",
    "roles",
    "sub",
    "trigger",
    "username",
    "without",
];

/// What Cognito would not accept of an attribute in the table `attributes`.
///
/// Source: Cognito's developer guide, "Working with user attributes".
pub(super) fn table_mistake(username: &str, name: &str, value: &str) -> Option<String> {
    if KEYS.contains(&name) {
        return Some(format!("{username}'s `{name}` is a key of its own: move it out of `attributes`"));
    }
    attribute_mistake(username, name, value)
}

/// What Cognito would not accept of an attribute that is set.
pub(in crate::local_pool) fn attribute_mistake(username: &str, name: &str, value: &str) -> Option<String> {
    let problem = if let Some(problem) = name_problem(name) {
        problem
    } else if value.len() > MAX_BYTES {
        format!("has {} bytes, and Cognito allows {MAX_BYTES}", value.len())
    } else {
        value_problem(name, value)?.to_owned()
    };
    Some(format!("{username}'s attribute {name:?} {problem}"))
}

/// What is wrong with the name of an attribute that is set or removed.
pub(in crate::local_pool) fn name_mistake(username: &str, name: &str) -> Option<String> {
    name_problem(name).map(|problem| format!("{username}'s attribute {name:?} {problem}"))
}

/// What is wrong with the number of a user's attributes, which have these names.
///
/// Source: Cognito's developer guide, "Quotas in Amazon Cognito".
pub(in crate::local_pool) fn count_mistake<'a>(
    username: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let count = names.filter(|name| name.starts_with("custom:")).count();
    let problem =
        || format!("{username} has {count} attributes of `custom:`, and Cognito allows {MAX_CUSTOM}");
    (count > MAX_CUSTOM).then(problem)
}

fn name_problem(name: &str) -> Option<String> {
    if let "sub" | "identities" = name {
        return Some("cannot be changed".into());
    }
    if name == "email" || STANDARD.contains(&name) {
        return None;
    }
    if name.starts_with("cognito:") {
        let instead = match name {
            "cognito:groups" => "type groups = [\"…\"]",
            "cognito:roles" => "type roles = [\"arn:aws:iam::…\"]",
            "cognito:preferred_role" => "type preferred_role = \"arn:aws:iam::…\"",
            _ => "it follows from the user's `username`, `groups` or `roles`",
        };
        return Some(format!("is a claim, not an attribute: {instead}"));
    }
    let (own, is_marked) = match name.strip_prefix("custom:") {
        Some(own) => (own, true),
        None => (unmarked(name), false),
    };
    let has_wrong_letter = own.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if own.is_empty() || has_wrong_letter {
        Some("is none of Cognito's: a name of your own has no spaces, such as \"custom:team\"".into())
    } else if own.chars().count() > MAX_CUSTOM_CHARACTERS {
        let shorter: String = own.chars().take(MAX_CUSTOM_CHARACTERS).collect();
        Some(format!(
            "is too long: Cognito allows {MAX_CUSTOM_CHARACTERS} characters behind `custom:`, such as \
             \"custom:{shorter}\""
        ))
    } else if is_marked {
        None
    } else {
        let nearest = closest(name, STANDARD.into_iter());
        let hint = nearest.map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default();
        Some(format!("is none of Cognito's{hint}: write one of your own as \"custom:{own}\""))
    }
}

/// The name without a prefix that is nearly the right one, such as `Custom:` or `dev:custom:`.
fn unmarked(name: &str) -> &str {
    let name = name.strip_prefix("dev:").unwrap_or(name);
    match name.split_once(':') {
        Some((prefix, own)) if prefix.eq_ignore_ascii_case("custom") => own,
        _ => name,
    }
}

fn value_problem(name: &str, value: &str) -> Option<&'static str> {
    let (is_right, needs) = match name {
        "email" => (is_email(value), "needs an address, such as \"dave@example.com\""),
        "phone_number" => {
            (is_phone_number(value), "needs `+` and digits without spaces, such as \"+441632960000\"")
        }
        "email_verified" | "phone_number_verified" => {
            (["true", "false"].contains(&value), "is true or false")
        }
        "birthdate" => (is_date(value), "needs a date, such as \"1990-12-31\""),
        "updated_at" => {
            (is_digits(value) && value.parse::<u64>().is_ok(), "needs seconds since 1970, such as 1700000000")
        }
        _ => (true, ""),
    };
    (!is_right).then_some(needs)
}

pub(in crate::local_pool) fn is_email(text: &str) -> bool {
    let is_whole = |(name, host): (&str, &str)| !name.is_empty() && !host.is_empty() && !host.contains('@');
    text.split_once('@').is_some_and(is_whole)
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

pub(super) fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| (1..=15).contains(&digits.len()) && is_digits(digits))
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |length| parts.next().filter(|part| part.len() == length && is_digits(part));
    let mut date = || {
        let (year, month, day) =
            (next(4)?.parse().ok()?, next(2)?.parse::<u8>().ok()?, next(2)?.parse().ok()?);
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
    };
    text.len() == 10 && date().is_some()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
