//! Settings as environment variables.

use super::key;

pub(super) const PREFIX: &str = "ROCKET_COGNITO_";
const ORIGIN: &str = "environment variable ";

/// The variable of the setting `name`.
pub(super) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}

/// Where the setting `name` was read, if it is a variable.
pub(super) fn origin_of(name: &str) -> String {
    format!("{ORIGIN}{}", variable(name))
}

/// `remedy` for what was read at `origin`, where it is to be typed too.
pub(crate) fn remedy_at(origin: &str, remedy: &str) -> String {
    if origin.starts_with(ORIGIN) { in_shell(remedy) } else { remedy.to_owned() }
}

/// `remedy` with what it says to type in TOML, `key = value`, as it is typed in a shell.
fn in_shell(remedy: &str) -> String {
    let mut text = String::new();
    let mut rest = remedy;
    while let Some((before, after)) = rest.split_once(" = ") {
        let name = before.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next();
        match name.filter(|name| key::ALL.iter().any(|key| key.name == *name)) {
            Some(name) => {
                let (value, tail) = after.split_at(value_length(after));
                text.push_str(before.strip_suffix(name).unwrap_or(before));
                text.push_str(&format!("{}={}", variable(name), word(value)));
                rest = tail;
            }
            None => {
                text.push_str(before);
                text.push_str(" = ");
                rest = after;
            }
        }
    }
    text + rest
}

/// The length of the TOML value that `text` begins with.
fn value_length(text: &str) -> usize {
    let (mut quote, mut depth) = (None, 0_usize);
    let is_over = |letter: char| {
        let closes = match (letter, quote) {
            (_, Some(open)) => {
                if letter == open {
                    quote = None;
                }
                quote.is_none() && depth == 0
            }
            ('"' | '\'', None) => {
                quote = Some(letter);
                false
            }
            ('[' | '{', None) => {
                depth += 1;
                false
            }
            (']' | '}', None) => {
                depth = depth.saturating_sub(1);
                depth == 0
            }
            _ => false,
        };
        Some(closes)
    };
    match text.chars().next() {
        Some('"' | '\'' | '[' | '{') => {
            let last = text.char_indices().zip(text.chars().filter_map(is_over)).find(|(_, over)| *over);
            last.map_or(text.len(), |((index, letter), _)| index + letter.len_utf8())
        }
        _ => text.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(text.len()),
    }
}

/// A TOML value as a word of a shell: the items of a list are separated by spaces.
fn word(value: &str) -> String {
    if value.starts_with('{') {
        return format!("'{value}'");
    }
    if value.starts_with('\'') {
        return value.to_owned();
    }
    let items = value.trim_start_matches('[').trim_end_matches(']').split(", ");
    let text = items.map(|item| item.trim_matches('"')).collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.contains(' ') { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_becomes_what_a_shell_takes() {
        for (toml, shell) in [
            ("cookie_samesite = \"lax\"", "ROCKET_COGNITO_COOKIE_SAMESITE=lax"),
            ("expiration_leeway = 30", "ROCKET_COGNITO_EXPIRATION_LEEWAY=30"),
            (
                "leave it out, or: jwt_header_prefix = \"\"",
                "leave it out, or: ROCKET_COGNITO_JWT_HEADER_PREFIX=\"\"",
            ),
            (
                "scopes = [\"openid\", \"email\"], as you like",
                "ROCKET_COGNITO_SCOPES=\"openid email\", as you like",
            ),
            (
                "auto_refresh = false, or refresh_flow_enabled = true beside it",
                "ROCKET_COGNITO_AUTO_REFRESH=false, or ROCKET_COGNITO_REFRESH_FLOW_ENABLED=true beside it",
            ),
            (
                "disabled_user = { username = \"eve\", groups = [\"admin\"] }.",
                "ROCKET_COGNITO_DISABLED_USER='{ username = \"eve\", groups = [\"admin\"] }'.",
            ),
            (
                "jwks = '{\"keys\": [{\"kty\": \"RSA\", …}]}'",
                "ROCKET_COGNITO_JWKS='{\"keys\": [{\"kty\": \"RSA\", …}]}'",
            ),
            ("port = 8000 in Rocket.toml", "port = 8000 in Rocket.toml"),
            ("remove it", "remove it"),
        ] {
            assert_eq!(in_shell(toml), shell);
        }
        for key in key::ALL {
            let shell = in_shell(key.remedy);
            assert!(!shell.contains(&format!("{} = ", key.name)), "{shell}");
        }
    }
}
