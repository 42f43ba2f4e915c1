//! What is wrong with a user of the local pool.

use super::attribute::{OF_THE_POOL, VERIFIED, count_mistake, is_email, table_mistake};
use super::group::group_mistakes;
use super::identity::LocalIdentity;
use super::sign_in_names::SignInNames;
use super::user::{DEFAULT_PASSWORD, LocalUser};

/// A quota of Cognito.
const MAX_IDENTITIES: usize = 5;

/// What Cognito would not accept of a user, each with its key.
pub(in crate::local_pool) fn user_mistakes(
    user: &LocalUser,
    names: &SignInNames,
) -> Vec<(&'static str, String)> {
    let mut mistakes = Vec::new();
    let mut wrong = |key, problem: String| mistakes.push((key, problem));
    let username = user.name(names);
    if !is_name(&username) {
        wrong("username", format!("{username:?} needs 1 to 128 printable characters and no spaces"));
    } else if let Some(problem) = names.mistake_of(&username).filter(|_| user.own_identity(names).is_none()) {
        wrong("username", problem);
    }
    let provider = user.own_identity(names).map(|identity| &identity.provider);
    if let (Some(provider), Some(_)) = (provider, &user.password) {
        wrong(
            "password",
            format!("{username} signs in at {provider}, not by a password: leave `password` out"),
        );
    } else if user.given_password().expose().is_empty() {
        wrong("password", format!("{username}'s is empty: leave the key out for {DEFAULT_PASSWORD:?}"));
    }
    if user.sub.as_ref().is_some_and(|sub| !is_name(sub)) {
        wrong("sub", format!("{username}'s needs 1 to 128 printable characters and no spaces"));
    }
    for problem in group_mistakes(&username, &user.groups) {
        wrong("groups", problem);
    }
    if let Some(email) = &user.email {
        let is_username =
            user.signs_in_by(names) == Some("email") && names.folded(email) != names.folded(&user.username);
        if !is_email(email) {
            wrong("email", format!("{username}'s {email:?} is no address, such as \"dave@example.com\""));
        } else if user.is_without("email") {
            wrong(
                "without",
                format!("{username} has an `email`, and is without one: leave one of the two out"),
            );
        } else if is_username {
            wrong("email", format!("{username} signs in by this address: leave `email` out"));
        }
    }
    if user.signs_in_by(names) == Some("email") && user.is_without("email") {
        wrong("without", format!("{username} signs in by this address: leave \"email\" out of `without`"));
    }
    let number = user.attributes.get("phone_number");
    if user.signs_in_by(names) == Some("phone_number")
        && number.is_some_and(|number| *number != user.username)
    {
        wrong("attributes", format!("{username} signs in by this number: leave `phone_number` out"));
    }
    let all = user.all_attributes(names);
    for (attribute, verified) in VERIFIED {
        if user.attributes.contains_key(verified) && !all.contains_key(attribute) {
            wrong(
                "attributes",
                format!("{username} has no `{attribute}`: leave `{verified}` out, or add one"),
            );
        }
    }
    for name in &user.without {
        if !OF_THE_POOL.contains(&name.as_str()) {
            let own = OF_THE_POOL.join(", ");
            let problem = format!("{username} has no {name:?} unless it is given; `without` is for {own}");
            wrong("without", problem);
        } else if user.attributes.contains_key(name) {
            wrong("without", format!("{username} has {name:?} in `attributes`: leave one of the two out"));
        }
    }
    for (name, value) in &user.attributes {
        if let Some(problem) = table_mistake(&username, name, value) {
            wrong("attributes", problem);
        }
    }
    if let Some(problem) = count_mistake(&username, user.attributes.keys().map(String::as_str)) {
        wrong("attributes", problem);
    }
    if user.identities.len() > MAX_IDENTITIES {
        let count = user.identities.len();
        wrong("identities", format!("{username} has {count}, and Cognito allows {MAX_IDENTITIES}"));
    }
    for problem in user.identities.iter().flat_map(LocalIdentity::mistakes) {
        wrong("identities", problem);
    }
    for (index, identity) in user.identities.iter().enumerate() {
        let LocalIdentity { provider, user_id, .. } = identity;
        let name = names.folded(&identity.username());
        let has_name = |other: &LocalIdentity| names.folded(&other.username()) == name;
        if user.identities.iter().take(index).any(has_name) {
            wrong("identities", format!("{username} has {user_id:?} of {provider} twice"));
        } else if index > 0 && names.folded(&user.username) == name {
            let problem = format!("{username} is {user_id:?} of {provider}: put this identity first");
            wrong("identities", problem);
        }
    }
    mistakes.extend(user.trigger.mistakes(&username));
    mistakes
}

/// What may be a username or a `sub`: nothing that cannot be seen.
pub(in crate::local_pool) fn is_name(text: &str) -> bool {
    let is_wrong = |letter: char| letter.is_control() || letter.is_whitespace() || is_format(letter);
    (1..=128).contains(&text.chars().count()) && !text.contains(is_wrong)
}

/// Whether this changes how others are shown and is not shown itself: Unicode's category of format characters, without
/// those of scripts that are no longer written.
fn is_format(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}
