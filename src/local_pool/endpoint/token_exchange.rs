//! The grant by which a token is exchanged for another one (RFC 8693).

use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::{Exchange, ExchangeFailure, Exchanged, Pool, Target, exchange};
use crate::oauth::TokenType;
use crate::token::TokenUse;

/// The token, and what kind it is.
pub(super) fn exchange_token(
    pool: &Pool,
    client: &LocalClient,
    form: &Parameters,
) -> Result<(Exchanged, TokenType), OAuthError> {
    let subject = form.get("subject_token").ok_or_else(OAuthError::invalid_request)?;
    let subject_type = token_type(form.get("subject_token_type"))?.ok_or_else(OAuthError::invalid_request)?;
    let actor = match (form.get("actor_token"), token_type(form.get("actor_token_type"))?) {
        (Some(token), Some(kind)) => Some((token, token_use(kind))),
        (None, None) => None,
        _ => return Err(OAuthError::invalid_request()),
    };
    let target = match (form.get("audience"), form.get("resource")) {
        (Some(_), Some(_)) => return Err(OAuthError::invalid_request()),
        (Some(name), None) => Some(Target::Audience(name)),
        (None, resource) => resource.map(Target::Resource),
    };
    let requested = token_type(form.get("requested_token_type"))?.unwrap_or(TokenType::Access);
    let asked = Exchange {
        subject: (subject, token_use(subject_type)),
        actor,
        scopes: form.get("scope").map(|scope| scope.split_whitespace().collect()),
        target,
        requested: token_use(requested),
    };
    let exchanged = exchange(pool, client, &asked).map_err(|failure| match failure {
        ExchangeFailure::NotAllowed => OAuthError::new("unauthorized_client"),
        ExchangeFailure::Token => OAuthError::invalid_request(),
        ExchangeFailure::Scope => OAuthError::new("invalid_scope"),
        ExchangeFailure::Target => OAuthError::new("invalid_target"),
        ExchangeFailure::Internal => OAuthError::internal(),
    })?;
    Ok((exchanged, requested))
}

fn token_type(urn: Option<&str>) -> Result<Option<TokenType>, OAuthError> {
    let kind = |urn| TokenType::of(urn).ok_or_else(OAuthError::invalid_request);
    urn.map(kind).transpose()
}

fn token_use(kind: TokenType) -> TokenUse {
    match kind {
        TokenType::Access => TokenUse::Access,
        TokenType::Id => TokenUse::Id,
    }
}
