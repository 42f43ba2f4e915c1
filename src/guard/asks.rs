//! What a guard asks for, as data.

use std::fmt;

use super::by::By;
use crate::policy::Rule;
use crate::user::Who;

/// What a guard asks for, as data. Its `Display` says it in words, such as `a person: group "admin"` or
/// `a machine, by a bearer token: scope "orders/read"`.
///
/// # Example
/// ```rust
/// use rocket_cognito::testing::{Access, Asks, By, RouteMap};
///
/// /// Whether a session is enough somewhere.
/// fn takes_sessions(map: &RouteMap<'_>) -> bool {
///     map.iter().any(|route| match route.access() {
///         Access::Guarded(guards) => guards.iter().any(|asks: &Asks| asks.by() != By::BearerToken),
///         _ => false,
///     })
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    who: Who,
    by: By,
    rule: Option<Rule>,
    loads_user: bool,
    passes_on: bool,
}

impl Asks {
    pub(crate) fn new(who: Who, by: By) -> Self {
        Asks { who, by, rule: None, loads_user: false, passes_on: false }
    }

    /// Whom the guard is for.
    #[must_use]
    pub fn who(&self) -> Who {
        self.who
    }

    /// The credential that it asks for.
    #[must_use]
    pub fn by(&self) -> By {
        self.by
    }

    /// The rule that must be met: groups, scopes, or a policy that the app defines.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule> {
        self.rule.as_ref()
    }

    /// Whether the app must know the user, as for [`CurrentUser`](crate::CurrentUser).
    #[must_use]
    pub fn loads_user(&self) -> bool {
        self.loads_user
    }

    /// Whether the next route is asked where this is not met, as with [`OrForward`](crate::OrForward).
    #[must_use]
    pub fn passes_on(&self) -> bool {
        self.passes_on
    }

    pub(crate) fn with_rule(self, rule: Rule) -> Self {
        Asks { rule: Some(rule), ..self }
    }

    pub(super) fn by_bearer_token(self) -> Self {
        Asks { by: By::BearerToken, ..self }
    }

    pub(super) fn by_session(self) -> Self {
        Asks { by: By::Session, ..self }
    }

    pub(super) fn known_to_app(self) -> Self {
        Asks { loads_user: true, ..self }
    }

    pub(super) fn or_forward(self) -> Self {
        Asks { passes_on: true, ..self }
    }
}

impl fmt::Display for Asks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.who)?;
        if self.loads_user {
            f.write_str(" whom the app knows")?;
        }
        write!(f, "{}", self.by)?;
        if let Some(rule) = &self.rule {
            write!(f, ": {rule}")?;
        }
        if self.passes_on {
            f.write_str(", or the next route")?;
        }
        Ok(())
    }
}
