//! What a policy asks for, as data.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// What a policy asks for, as data. Its `Display` completes the sentence "this needs …", on one line: control
/// characters are escaped. HTML is not.
///
/// # Example
/// ```rust
/// use rocket_cognito::policy::Rule;
///
/// let rule = Rule::Any(vec![Rule::group("admin"), Rule::named("a verified e-mail address")]);
/// assert_eq!(rule.to_string(), "group \"admin\" or a verified e-mail address");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Membership of the group with this name.
    Group(Cow<'static, str>),
    /// The OAuth scope with this name.
    Scope(Cow<'static, str>),
    /// A sign-in at most so many seconds ago.
    Fresh(u64),
    /// A sign-in of this level, 1 to 4, or a higher one.
    Level(u8),
    /// A sign-in by the method of this name.
    Method(Cow<'static, str>),
    /// All of these.
    All(Vec<Rule>),
    /// At least one of these.
    Any(Vec<Rule>),
    /// The opposite.
    Not(Box<Rule>),
    /// A rule of the application, in its own words.
    Named(Cow<'static, str>),
}

impl Rule {
    /// Membership of the group `name`, which may be known at the request only.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::policy::Rule;
    /// let team = "blue";
    /// assert_eq!(Rule::group(format!("team-{team}")).to_string(), "group \"team-blue\"");
    /// ```
    #[must_use]
    pub fn group(name: impl Into<Cow<'static, str>>) -> Rule {
        Rule::Group(name.into())
    }

    /// The OAuth scope `name`.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::policy::Rule;
    /// assert_eq!(Rule::scope("orders/read").to_string(), "scope \"orders/read\"");
    /// ```
    #[must_use]
    pub fn scope(name: impl Into<Cow<'static, str>>) -> Rule {
        Rule::Scope(name.into())
    }

    /// A sign-in by the method `name`, a value of the claim `amr`.
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::policy::Rule;
    /// assert_eq!(Rule::method("otp").to_string(), "a sign-in by \"otp\"");
    /// ```
    #[must_use]
    pub fn method(name: impl Into<Cow<'static, str>>) -> Rule {
        Rule::Method(name.into())
    }

    /// A rule of the application, in `words` that complete the sentence "this needs …".
    ///
    /// # Example
    /// ```rust
    /// # use rocket_cognito::policy::Rule;
    /// assert_eq!(Rule::named("its author").to_string(), "its author");
    /// ```
    #[must_use]
    pub fn named(words: impl Into<Cow<'static, str>>) -> Rule {
        Rule::Named(words.into())
    }

    /// The scopes that this rule names.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        match self {
            Rule::Scope(name) => vec![name.as_ref()],
            Rule::All(rules) | Rule::Any(rules) => rules.iter().flat_map(Rule::scopes).collect(),
            _ => Vec::new(),
        }
    }

    /// The levels of sign-in that this rule names, each once, lowest first.
    pub(crate) fn levels(&self) -> BTreeSet<u8> {
        match self {
            Rule::Level(level) => BTreeSet::from([*level]),
            Rule::All(rules) | Rule::Any(rules) => rules.iter().flat_map(Rule::levels).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// How old a sign-in may be that satisfies whatever this rule says about that, in seconds.
    pub(crate) fn max_age(&self) -> Option<u64> {
        match self {
            Rule::Fresh(seconds) => Some(*seconds),
            Rule::All(rules) | Rule::Any(rules) => rules.iter().filter_map(Rule::max_age).min(),
            _ => None,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, rules: &[Rule], word: &str| {
            for (index, rule) in rules.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match rule {
                    Rule::All(_) | Rule::Any(_) => write!(f, "({rule})")?,
                    _ => write!(f, "{rule}")?,
                }
            }
            Ok(())
        };
        match self {
            Rule::Group(name) => write!(f, "group {name:?}"),
            Rule::Scope(name) => write!(f, "scope {name:?}"),
            Rule::Fresh(seconds) => write!(f, "a sign-in within the last {}", in_words(*seconds)),
            Rule::Level(4) => f.write_str("a sign-in of level 4"),
            Rule::Level(level) => write!(f, "a sign-in of level {level} or higher"),
            Rule::Method(name) => write!(f, "a sign-in by {name:?}"),
            Rule::All(rules) => list(f, rules, "and"),
            Rule::Any(rules) => list(f, rules, "or"),
            Rule::Not(rule) => write!(f, "not ({rule})"),
            Rule::Named(words) => on_one_line(f, words),
        }
    }
}

/// `words` as they are, but for what would break a line of a log or turn its text round.
fn on_one_line(f: &mut fmt::Formatter<'_>, words: &str) -> fmt::Result {
    words.chars().try_for_each(|letter| match letter {
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            write!(f, "{}", letter.escape_unicode())
        }
        _ if letter.is_control() => write!(f, "{}", letter.escape_debug()),
        _ => f.write_char(letter),
    })
}

/// `seconds` in words that follow "the last".
fn in_words(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) =
        units.into_iter().find(|(size, _)| seconds.is_multiple_of(*size)).unwrap_or((1, "second"));
    match seconds / size {
        1 => unit.to_owned(),
        count => format!("{count} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_speaks_in_the_largest_unit_that_fits() {
        for (seconds, words) in [
            (60, "minute"),
            (61, "61 seconds"),
            (90, "90 seconds"),
            (900, "15 minutes"),
            (3_600, "hour"),
            (5_400, "90 minutes"),
            (7_200, "2 hours"),
            (86_400, "day"),
            (604_800, "7 days"),
            (u64::MAX, "18446744073709551615 seconds"),
        ] {
            assert_eq!(Rule::Fresh(seconds).to_string(), format!("a sign-in within the last {words}"));
        }
    }
}
