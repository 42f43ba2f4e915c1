//! What one login adds to the authorization request.
//!
//! Sources: Cognito developer guide, "The redirect and authorization endpoint"; RFC 8707 section 2 (resource); OpenID
//! Connect Core section 3.1.2.1 (`acr_values`, `max_age`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::clock::LEAST_MAX_AGE;
use crate::config::{LevelNames, ScopesOf, check_scopes};
use crate::http::check_resource;

const MAX_HINT_BYTES: usize = 256;
const NO_LEVEL: &str = "is no level of a sign-in, which are 1 to 4";

/// The parameters that a visitor may set; everything else is ours.
pub(crate) const HINTS: [&str; 5] = ["identity_provider", "idp_identifier", "login_hint", "lang", "prompt"];

/// The optional parameters of one authorization request (RFC 6749 section 4.1.1).
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizationRequest {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hints: Vec<(Cow<'static, str>, String)>,
    /// `None`: those of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// The level of the sign-in at least, 1 to 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<u8>,
    /// How old the sign-in may be, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    /// For the redirect alone: a second try asks for a sign-in.
    #[serde(skip)]
    signs_up: bool,
}

/// What is wrong with an [`AuthorizationRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// A hint, which may come from the visitor.
    Hint,
    /// What only the app sets: which, and what is wrong with it.
    App(&'static str, String),
}

impl AuthorizationRequest {
    /// Sets one of the [`HINTS`], or takes it back: an empty one counts as not given.
    pub(crate) fn hint(&mut self, name: &'static str, value: Option<&str>) {
        self.hints.retain(|(given, _)| given != name);
        self.hints
            .extend(value.filter(|value| !value.is_empty()).map(|value| (name.into(), value.to_owned())));
    }

    /// Whether the pool is to ask for the password even somebody who is signed in.
    pub(crate) fn asks_again(&self) -> bool {
        self.prompts("login")
    }

    /// Whether the pool is to ask for nothing at all.
    pub(crate) fn is_silent(&self) -> bool {
        self.prompts("none")
    }

    fn prompts(&self, wanted: &str) -> bool {
        let prompt = self.hints.iter().find(|(name, _)| name == "prompt");
        prompt.is_some_and(|(_, value)| value.split_whitespace().any(|value| value == wanted))
    }

    /// Goes to the pool's page for new users first.
    pub(crate) fn set_sign_up(&mut self) {
        self.signs_up = true;
    }

    pub(crate) fn signs_up(&self) -> bool {
        self.signs_up
    }

    pub(crate) fn scopes(&mut self, scopes: Vec<String>) {
        self.scopes = Some(scopes);
    }

    pub(crate) fn resource(&mut self, resource: String) {
        self.resource = Some(resource);
    }

    pub(crate) fn resource_asked_for(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// Asks for a sign-in of this level, 1 to 4, or a higher one.
    pub(crate) fn set_level(&mut self, level: u8) {
        self.level = Some(level);
    }

    pub(crate) fn level(&self) -> Option<u8> {
        self.level
    }

    /// Asks for a sign-in that is at most so many seconds old, or as many as clocks may differ by.
    pub(crate) fn set_max_age(&mut self, seconds: u64) {
        self.max_age = Some(seconds.max(LEAST_MAX_AGE));
    }

    pub(crate) fn max_age(&self) -> Option<u64> {
        self.max_age
    }

    /// Checks everything, what the visitor may have sent first.
    pub(crate) fn check(&self, scopes_of: ScopesOf) -> Result<(), RequestError> {
        let is_bad = |value: &String| value.len() > MAX_HINT_BYTES || value.chars().any(char::is_control);
        if self.hints.iter().any(|(_, value)| is_bad(value)) {
            return Err(RequestError::Hint);
        }
        let scopes = self.scopes.as_deref().map_or(Ok(()), |scopes| check_scopes(scopes, scopes_of));
        scopes.map_err(|problem| RequestError::App("scopes", problem))?;
        let resource = self.resource.as_deref().map_or(Ok(()), check_resource);
        resource.map_err(|problem| RequestError::App("resource", problem.to_owned()))?;
        match self.level {
            Some(level) if !(1..=4).contains(&level) => Err(RequestError::App("level", NO_LEVEL.to_owned())),
            _ => Ok(()),
        }
    }

    /// The parameters, each once; `scopes` where the login asks for none of its own.
    pub(crate) fn parameters<'a>(
        &'a self,
        scopes: &'a [String],
        levels: &LevelNames,
    ) -> Vec<(&'a str, String)> {
        let scopes = self.scopes.as_deref().unwrap_or(scopes);
        let scope = (!scopes.is_empty()).then(|| ("scope", scopes.join(" ")));
        let resource = self.resource.iter().map(|resource| ("resource", resource.clone()));
        let hints = self.hints.iter().map(|(name, value)| (name.as_ref(), value.clone()));
        let acr_values = self.level.map(|level| ("acr_values", levels.at_least(level)));
        let max_age = self.max_age.map(|seconds| ("max_age", seconds.to_string()));
        scope.into_iter().chain(resource).chain(hints).chain(acr_values).chain(max_age).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_set_once_and_an_empty_one_is_none() {
        let mut request = AuthorizationRequest::default();
        for value in [Some("de"), Some("fr"), Some("en")] {
            request.hint("lang", value);
        }
        request.hint("prompt", Some("login"));
        request.hint("prompt", Some(""));
        request.hint("login_hint", None);
        assert_eq!(request.parameters(&[], &LevelNames::default()), [("lang", "en".to_owned())]);
    }
}
