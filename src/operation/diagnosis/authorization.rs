//! Authorization requests, as far as the page that asks for the password.

use reqwest::Url;

use super::place::Place;
use super::wire::{Silence, Wire};
use crate::config::Settings;
use crate::crypto::base64url;
use crate::http::Look;

/// What came of an authorization request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It led to a page to sign in at, or to an identity provider.
    Page,
    /// It led back to the app with this error and its description.
    Refused(String),
    /// It ended at the pool's own error page, which names this error: the pool trusts no callback.
    ErrorPage(String),
    /// It was no answer of an authorization endpoint.
    Odd(String),
    Silent(Silence),
}

/// An authorization request, and what came of it.
pub(super) struct Authorization {
    pub(super) redirect_url: String,
    pub(super) outcome: Outcome,
}

impl Authorization {
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.outcome, Outcome::Silent(_))
    }

    /// Whether the pool knows the client by this callback.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.outcome, Outcome::Page | Outcome::Refused(_))
    }
}

/// Asks for a sign-in by each of the app's callbacks.
pub(super) async fn ask(at: &Place<'_>, settings: &Settings, wire: &Wire) -> Vec<Authorization> {
    let mut authorizations = Vec::new();
    if settings.sign_in.is_some() {
        for redirect_url in &at.client.redirect_urls {
            let redirect_url = redirect_url.text.clone();
            let outcome = request(at, &redirect_url, &at.client.scopes.join(" "), wire).await;
            authorizations.push(Authorization { redirect_url, outcome });
        }
    }
    authorizations
}

/// Asks for a sign-in that comes back to `redirect_url`, with these scopes or all that the client has.
pub(super) async fn request(at: &Place<'_>, redirect_url: &str, scope: &str, wire: &Wire) -> Outcome {
    let (state, challenge) = (base64url::<32>(), base64url::<32>());
    let mut query = vec![
        ("response_type", "code"),
        ("client_id", &at.client.id),
        ("redirect_uri", redirect_url),
        ("state", &state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    query.extend((!scope.is_empty()).then_some(("scope", scope)));
    let Ok(url) = Url::parse_with_params(&format!("{}/oauth2/authorize", at.domain), query) else {
        return Outcome::Odd("cannot be asked: `domain` makes no URL".into());
    };
    match wire.get(url.as_str()).await {
        Ok(look) => outcome(&url, redirect_url, &look),
        Err(silence) => Outcome::Silent(silence),
    }
}

/// What the answer to this request means. Cognito always redirects; other servers may show their page at once.
fn outcome(asked: &Url, redirect_url: &str, look: &Look) -> Outcome {
    let target = look.location.as_deref().and_then(|location| asked.join(location).ok());
    let Some(target) = target.filter(|_| (300..400).contains(&look.status)) else {
        return match look.status {
            200 => Outcome::Page,
            status => Outcome::Odd(format!("answers with status {status}")),
        };
    };
    let parameter = |name: &str| {
        let found = target.query_pairs().find(|(other, _)| other == name);
        found.map(|(_, value)| value.into_owned())
    };
    if target.as_str().split('?').next() == redirect_url.split('?').next() {
        let description = parameter("error_description").map(|text| format!(" ({text})"));
        return match parameter("error") {
            Some(error) => Outcome::Refused(error + &description.unwrap_or_default()),
            None => Outcome::Odd("leads back to the app without a sign-in".into()),
        };
    }
    if target.path() == "/error" {
        return Outcome::ErrorPage(parameter("error").unwrap_or_default());
    }
    Outcome::Page
}
