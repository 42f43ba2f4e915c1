//! Rules about a user, as types: who may enter, decided without I/O.

use std::fmt;
use std::marker::PhantomData;
use std::time::SystemTime;

use super::fresh;
use super::group::Group;
use crate::user::CognitoUser;

/// A rule about a signed-in user, for [`Authorized`](crate::Authorized).
///
/// Every [`Group`] is a policy, [`Scopes`](crate::policy::Scopes) of an access token and a [`Fresh`](crate::policy::Fresh) sign-in are
/// ones, and policies combine: [`All`], [`Any`], [`Not`]. A rule of your own is an `impl` away; it must be pure, as it
/// may be asked more than once: beside [`Fresh`](crate::policy::Fresh) also about the same user with a sign-in of this moment.
///
/// # Example
/// ```rust
/// use std::time::SystemTime;
/// use rocket_cognito::{Authorized, CognitoUser, Group};
/// use rocket_cognito::policy::{All, Any, Decision, Policy, Rule};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
/// struct Editor;
/// impl Group for Editor { const NAME: &'static str = "editor"; }
///
/// struct VerifiedEmail;
/// impl Policy for VerifiedEmail {
///     fn check(user: &CognitoUser, _now: SystemTime) -> Decision {
///         match user.email_verified() {
///             Some(true) => Decision::Granted,
///             Some(false) => Decision::Refused(Self::rule()),
///             None => Decision::Undecided(Self::rule()),
///         }
///     }
///
///     fn rule() -> Rule { Rule::Named("a verified e-mail address") }
/// }
///
/// type CanPublish = Authorized<Any<(Admin, All<(Editor, VerifiedEmail)>)>>;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy",
    label = "neither a Cognito group nor a policy",
    note = "a group is one: `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`",
    note = "several stand in a tuple inside `All<(A, B)>` or `Any<(A, B)>`"
)]
pub trait Policy: 'static {
    /// Decides about `user` at the time `now`. Where a claim that is needed is absent, answer
    /// [`Decision::Undecided`]. It must not block or panic.
    fn check(user: &CognitoUser, now: SystemTime) -> Decision;

    /// What is asked for, for denials and documentation: the same each time.
    fn rule() -> Rule;
}

/// What a [`Policy`] says about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// The rule is met.
    Granted,
    /// The rule is certainly not met; [`Not`] turns this round.
    Refused(Rule),
    /// It cannot be told, for example because a claim is missing or malformed: refused, and refused
    /// under [`Not`] too.
    Undecided(Rule),
}

/// What a policy asks for, as data. Its `Display` completes the sentence "this needs …".
///
/// # Example
/// ```rust
/// use rocket_cognito::policy::Rule;
///
/// let rule = Rule::Any(vec![Rule::Group("admin"), Rule::Named("a verified e-mail address")]);
/// assert_eq!(rule.to_string(), "group \"admin\" or a verified e-mail address");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Membership of the group with this name.
    Group(&'static str),
    /// The OAuth scope with this name.
    Scope(&'static str),
    /// A sign-in at most so many seconds ago.
    Fresh(u64),
    /// All of these.
    All(Vec<Rule>),
    /// At least one of these.
    Any(Vec<Rule>),
    /// The opposite.
    Not(Box<Rule>),
    /// A rule of the application, in its own words.
    Named(&'static str),
}

impl Rule {
    /// The scopes that this rule names.
    pub(crate) fn scopes(&self) -> Vec<&'static str> {
        match self {
            Rule::Scope(name) => vec![name],
            Rule::All(rules) | Rule::Any(rules) => rules.iter().flat_map(Rule::scopes).collect(),
            Rule::Group(_) | Rule::Fresh(_) | Rule::Not(_) | Rule::Named(_) => Vec::new(),
        }
    }

    /// How old a sign-in may be that satisfies whatever this rule says about that, in seconds.
    pub(crate) fn max_age(&self) -> Option<u64> {
        match self {
            Rule::Fresh(seconds) => Some(*seconds),
            Rule::All(rules) | Rule::Any(rules) => rules.iter().filter_map(Rule::max_age).min(),
            Rule::Group(_) | Rule::Scope(_) | Rule::Not(_) | Rule::Named(_) => None,
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
            Rule::Group(name) => write!(f, "group \"{name}\""),
            Rule::Scope(name) => write!(f, "scope \"{name}\""),
            Rule::Fresh(seconds) => write!(f, "a sign-in within the last {}", fresh::in_words(*seconds)),
            Rule::All(rules) => list(f, rules, "and"),
            Rule::Any(rules) => list(f, rules, "or"),
            Rule::Not(rule) => write!(f, "not ({rule})"),
            Rule::Named(words) => f.write_str(words),
        }
    }
}

impl<G: Group> Policy for G {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        match user.known_groups() {
            Some(names) if names.iter().any(|name| name == G::NAME) => Decision::Granted,
            Some(_) => Decision::Refused(Self::rule()),
            None => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::Group(G::NAME)
    }
}

/// Met when every policy of the tuple, of one to eight, is met. One certain refusal decides.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::All;
/// # struct Admin;
/// # impl Group for Admin { const NAME: &'static str = "admin"; }
/// # struct Editor;
/// # impl Group for Editor { const NAME: &'static str = "editor"; }
/// type ChiefEditor = Authorized<All<(Admin, Editor)>>;
/// ```
pub struct All<P>(PhantomData<fn() -> P>);

/// Met when at least one policy of the tuple, of one to eight, is met. One grant decides.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::Any;
/// # struct Admin;
/// # impl Group for Admin { const NAME: &'static str = "admin"; }
/// # struct Editor;
/// # impl Group for Editor { const NAME: &'static str = "editor"; }
/// type Staff = Authorized<Any<(Admin, Editor)>>;
/// ```
pub struct Any<P>(PhantomData<fn() -> P>);

/// Met when `P` is certainly not met. What `P` cannot decide stays refused.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::Not;
/// # struct Suspended;
/// # impl Group for Suspended { const NAME: &'static str = "suspended"; }
/// type Active = Authorized<Not<Suspended>>;
/// ```
pub struct Not<P>(PhantomData<fn() -> P>);

impl<P: Policy> Policy for Not<P> {
    fn check(user: &CognitoUser, now: SystemTime) -> Decision {
        match P::check(user, now) {
            Decision::Granted => Decision::Refused(Self::rule()),
            Decision::Refused(_) => Decision::Granted,
            Decision::Undecided(_) => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::Not(Box::new(P::rule()))
    }
}

/// A certain refusal decides; else what is undecided keeps `All` undecided.
fn all(decisions: impl Iterator<Item = Decision>) -> Decision {
    let mut undecided = None;
    for decision in decisions {
        match decision {
            Decision::Granted => {}
            Decision::Refused(rule) => return Decision::Refused(rule),
            Decision::Undecided(rule) => undecided = undecided.or(Some(rule)),
        }
    }
    undecided.map_or(Decision::Granted, Decision::Undecided)
}

/// A grant decides; else what is undecided keeps `Any` undecided.
fn any(decisions: impl Iterator<Item = Decision>, rule: fn() -> Rule) -> Decision {
    let mut undecided = false;
    for decision in decisions {
        match decision {
            Decision::Granted => return Decision::Granted,
            Decision::Refused(_) => {}
            Decision::Undecided(_) => undecided = true,
        }
    }
    if undecided { Decision::Undecided(rule()) } else { Decision::Refused(rule()) }
}

macro_rules! tuples {
    ($($P:ident)+) => {
        impl<$($P: Policy),+> Policy for All<($($P,)+)> {
            fn check(user: &CognitoUser, now: SystemTime) -> Decision {
                let checks: &[fn(&CognitoUser, SystemTime) -> Decision] = &[$($P::check),+];
                all(checks.iter().map(|check| check(user, now)))
            }

            fn rule() -> Rule {
                Rule::All(vec![$($P::rule()),+])
            }
        }

        impl<$($P: Policy),+> Policy for Any<($($P,)+)> {
            fn check(user: &CognitoUser, now: SystemTime) -> Decision {
                let checks: &[fn(&CognitoUser, SystemTime) -> Decision] = &[$($P::check),+];
                any(checks.iter().map(|check| check(user, now)), Self::rule)
            }

            fn rule() -> Rule {
                Rule::Any(vec![$($P::rule()),+])
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
