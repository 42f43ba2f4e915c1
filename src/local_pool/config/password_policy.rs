//! Which passwords Cognito accepts.

/// How short a password may be.
pub(in crate::local_pool) const MIN_CHARACTERS: usize = 8;

/// What Cognito counts as symbols, beside a space inside the password.
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/// What Cognito's default policy finds wrong with a new password, in its words.
///
/// Source: Cognito's developer guide, "Adding user pool password requirements".
pub(in crate::local_pool) fn password_mistake(text: &str) -> Option<String> {
    let has = |is_one: fn(char) -> bool| text.contains(is_one);
    let problem = if text.chars().count() < MIN_CHARACTERS {
        "Password not long enough"
    } else if text.chars().count() > 256 {
        "Password is too long"
    } else if !has(|letter| letter.is_ascii_lowercase()) {
        "Password must have lowercase characters"
    } else if !has(|letter| letter.is_ascii_uppercase()) {
        "Password must have uppercase characters"
    } else if !has(|letter| letter.is_ascii_digit()) {
        "Password must have numeric characters"
    } else if !(has(|letter| SYMBOLS.contains(letter)) || text.trim().contains(' ')) {
        "Password must have symbol characters"
    } else {
        return None;
    };
    Some(format!("Password did not conform with policy: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::password_mistake;

    #[test]
    fn passwords_have_eight_characters_of_four_kinds() {
        for good in ["Passw0rd!", "Passw0rd 1", "aB3$5678"] {
            assert_eq!(password_mistake(good), None, "{good}");
        }
        for (bad, word) in [
            ("", "not long enough"),
            ("aB3$567", "not long enough"),
            ("PASSW0RD!", "lowercase"),
            ("passw0rd!", "uppercase"),
            ("Password!", "numeric"),
            ("Passw0rds", "symbol"),
            (" Passw0rd ", "symbol"),
        ] {
            assert!(password_mistake(bad).is_some_and(|problem| problem.contains(word)), "{bad}");
        }
        assert!(password_mistake(&"aB3$".repeat(65)).is_some_and(|problem| problem.contains("too long")));
    }
}
