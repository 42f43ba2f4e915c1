//! What a guard asks for, as data.

use std::fmt;

use rocket::http::Status;

use super::by::By;
use super::causes;
use crate::denial::Reason;
use crate::policy::Rule;
use crate::user::Who;

/// What a guard asks for, as data. Its `Display` says it in words, such as `a person: group "admin"` or
/// `a machine, by a bearer token: scope "orders/read"`, whether or not it is required.
///
/// # Example
/// ```rust
/// use rocket_cognito::openapi::{By, Describe, Who};
/// use rocket_cognito::{BearerOnly, Machine};
///
/// let [asks] = <[_; 1]>::try_from(BearerOnly::<Machine>::asks()).unwrap();
/// assert_eq!((asks.who(), asks.by()), (Who::Machine, By::BearerToken));
/// assert_eq!(asks.to_string(), "a machine, by a bearer token");
/// assert!(asks.codes().iter().any(|(status, code)| status.code == 403 && *code == "machine_required"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    who: Who,
    by: By,
    rule: Option<Rule>,
    loads_user: bool,
    passes_on: bool,
    is_required: bool,
    /// Why it may answer a request itself.
    reasons: Vec<Reason>,
}

impl Asks {
    /// A guard that may refuse for these `reasons`.
    pub(crate) fn new(who: Who, by: By, reasons: &[Reason]) -> Self {
        Asks {
            who,
            by,
            rule: None,
            loads_user: false,
            passes_on: false,
            is_required: true,
            reasons: reasons.to_vec(),
        }
    }

    /// A guard for whoever of this kind calls.
    pub(super) fn caller(who: Who) -> Self {
        Asks::new(who, By::Any, causes::WHOEVER_CALLS).or(causes::of_another_kind(who))
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

    /// Whether a request without it is refused or passed on. With `Option` and `Result` it reaches the handler.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.is_required
    }

    /// The [codes](crate::Denial#codes) that a request may be answered with, and their statuses, sorted: whatever the
    /// settings are, but for [disabled mode](crate#disabled-mode).
    ///
    /// What [`OrForward`](crate::OrForward) passes on is not among them: the next route answers. With `Option` there is
    /// none, and with `Result` there are those of the denial that the handler is given, and may return.
    #[must_use]
    pub fn codes(&self) -> Vec<(Status, &'static str)> {
        let mut codes: Vec<_> = self.reasons.iter().map(|reason| (reason.status(), reason.code())).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Whether the next route is asked about a request without a credential. `BearerOnly<OrForward<G>>` refuses that one
    /// itself.
    pub(crate) fn passes_on_nobody(&self) -> bool {
        self.passes_on && !self.reasons.iter().any(|reason| causes::ABSENT.contains(reason))
    }

    pub(crate) fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    pub(crate) fn with_rule(self, rule: Rule) -> Self {
        let reasons = causes::of_rule(&rule);
        Asks { rule: Some(rule), ..self }.or(reasons)
    }

    pub(super) fn by_bearer_token(self) -> Self {
        let asks = if self.by == By::Any { self.without(causes::SESSION) } else { self };
        Asks { by: By::BearerToken, ..asks }.or(causes::NO_BEARER_TOKEN)
    }

    pub(super) fn by_session(self) -> Self {
        let asks = if self.by == By::Any { self.without(causes::BEARER_TOKEN) } else { self };
        Asks { by: By::Session, ..asks }.or(&[Reason::SessionRequired])
    }

    pub(super) fn known_to_app(self) -> Self {
        Asks { loads_user: true, ..self }.or(&[Reason::UnknownUser, Reason::UserNotLoaded])
    }

    pub(super) fn or_forward(mut self) -> Self {
        self.reasons.retain(|reason| !reason.is_forwarded());
        Asks { passes_on: true, ..self }
    }

    /// What `Option<G>` asks for, of a guard `G` that asks for this.
    pub(crate) fn or_nobody(self) -> Self {
        Asks { is_required: false, passes_on: false, reasons: Vec::new(), ..self }
    }

    /// What `Result<G, Denial>` asks for, of a guard `G` that asks for this.
    pub(crate) fn or_denial(self) -> Self {
        Asks { is_required: false, ..self }
    }

    fn or(mut self, reasons: &[Reason]) -> Self {
        self.reasons.extend(reasons);
        self
    }

    fn without(mut self, reasons: &[Reason]) -> Self {
        self.reasons.retain(|reason| !reasons.contains(reason));
        self
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
