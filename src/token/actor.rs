//! Who acts for the subject of a token.

use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

/// Longer texts are no ids.
const MAX_ID_BYTES: usize = 255;

/// Who acts for a person: the claim `act` of a delegated token (RFC 8693 section 4.1).
///
/// Cognito does not document the members of the claim, so each may be missing. All of them are in
/// [`CognitoUser::access_claims`](crate::CognitoUser::access_claims).
///
/// # Example
/// ```rust
/// use rocket_cognito::CognitoUser;
///
/// fn line(user: &CognitoUser) -> String {
///     match user.actor() {
///         None => format!("{} themselves", user.sub()),
///         Some(actor) => format!("{} for {}", actor.sub().unwrap_or("somebody unknown"), user.sub()),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    sub: Option<String>,
    client_id: Option<String>,
    actor: Option<Box<Actor>>,
}

impl Actor {
    /// The subject of the actor: a person's `sub`, or the client id of a machine.
    #[must_use]
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The app client of the actor.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Who acted before this one, where a delegated token was delegated again. For the log: only the outermost actor
    /// counts for access (RFC 8693 section 4.1).
    #[must_use]
    pub fn actor(&self) -> Option<&Actor> {
        self.actor.as_deref()
    }

    /// What `claim` says. A claim that is no object gives an unknown actor.
    fn of(claim: &Value) -> Self {
        let id = |name: &str| {
            let text = claim.get(name)?.as_str()?;
            let is_id = !text.is_empty() && text.len() <= MAX_ID_BYTES && !text.chars().any(char::is_control);
            is_id.then(|| text.to_owned())
        };
        Actor {
            sub: id("sub"),
            client_id: id("client_id"),
            actor: claim.get("act").map(|claim| Box::new(Actor::of(claim))),
        }
    }
}

/// The claim `act` of a token that has one, whatever it is: its presence alone makes the token a delegated one.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Actor>, D::Error> {
    Value::deserialize(deserializer).map(|claim| Some(Actor::of(&claim)))
}
