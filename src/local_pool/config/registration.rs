//! Who may register clients at a running pool.

use serde::Deserialize;

use crate::config::TableMistake;
use crate::http::is_scope;

/// The scope of an access token that registers clients, where that takes one.
pub(in crate::local_pool) const REGISTRATION_SCOPE: &str = "aws.cognito/dcr/register";
/// The scopes that every registered client of people may have.
pub(in crate::local_pool) const USUAL_SCOPES: [&str; 4] = ["openid", "email", "phone", "profile"];
/// A limit of Cognito's `AllowedScopes`.
const MAX_SCOPES: usize = 50;

/// Who may register clients at a running local pool, by `POST /oauth2/register` (RFC 7591): the key
/// `local_pool.registration`. Without it nobody may, as at Cognito by default.
///
/// A request is JSON, such as `{"redirect_uris":["http://localhost:9000/callback"],"token_endpoint_auth_method":"none"}`.
/// The answer is 201 with `client_id`, with `client_secret` unless that method is `none`, and with what is registered. An
/// error is 400 `invalid_redirect_uri` or `invalid_client_metadata`, 401 `invalid_token`, or 503
/// `temporarily_unavailable` where the pool has 100 registered clients. The discovery document names the endpoint as
/// `registration_endpoint`.
///
/// A registered client may have the scopes `openid`, `email`, `phone` and `profile`, and those of
/// [`registration_scopes`](super::LocalPoolConfig::registration_scopes); without `scope` in the request it has all of
/// them. It takes no password by the API, only sign-ins at the pool's pages.
///
/// # Example
/// ```rust
/// use rocket_cognito::local_pool::{LocalPoolConfig, LocalRegistration};
///
/// let config =
///     LocalPoolConfig::default().registration(LocalRegistration::Open).registration_scopes(["tools/call"]);
/// ```
///
/// Source: RFC 7591, and Cognito's developer guide, "Dynamic client registration". What the guide leaves open is this
/// pool's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LocalRegistration {
    /// Whoever reaches the pool, web pages included. Such clients sign people in (`authorization_code`, with
    /// `refresh_token`).
    Open,
    /// Whoever has an access token of this pool with the scope `aws.cognito/dcr/register`, which a client of the settings
    /// may have among its [`scopes`](super::LocalClient::scope). Such clients may be machines, too
    /// (`client_credentials`).
    Authenticated,
}

impl LocalRegistration {
    /// What is wrong with the scopes that registered clients may have.
    pub(super) fn mistakes(registration: Option<Self>, scopes: &[String]) -> Vec<TableMistake> {
        let mut problems = Vec::new();
        if registration.is_none() && !scopes.is_empty() {
            problems.push("needs `registration`, \"open\" or \"authenticated\"".to_owned());
        }
        if scopes.len() > MAX_SCOPES {
            problems.push(format!("has {} scopes, and Cognito allows {MAX_SCOPES}", scopes.len()));
        }
        for (place, scope) in scopes.iter().enumerate() {
            let is_repeated = scopes.iter().take(place).any(|other| other == scope);
            if is_repeated || USUAL_SCOPES.contains(&scope.as_str()) {
                problems
                    .push(format!("has {scope:?} twice, or it is one that each registered client may have"));
            } else if scope == REGISTRATION_SCOPE {
                problems.push(format!("cannot have {scope:?}: at Cognito no registered client gets it"));
            } else if !is_scope(scope) {
                problems.push(format!("{scope:?} is no scope: write one text for each, without spaces"));
            }
        }
        problems.into_iter().map(|problem| TableMistake::new("registration_scopes", problem)).collect()
    }
}
