//! A token exchanged for another one (RFC 8693), by the API instead of the token endpoint.
//!
//! Source: Cognito's API reference, `GetDerivedToken`.

use serde_json::{Value, json};

use super::error::ApiError;
use super::members::{Members, violated};
use super::secret_hash::has_secret;
use crate::local_pool::state::{Exchange, ExchangeFailure, Pool, Target, exchange};
use crate::token::TokenUse;

const ACCESS_TOKEN: &str = "ACCESS_TOKEN";
const ID_TOKEN: &str = "ID_TOKEN";
/// An assertion of a SAML provider. This pool knows none.
const SAML2: &str = "SAML2";
const MOST_SCOPES: usize = 50;

pub(super) fn get_derived_token(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let client = request.client(pool)?;
    let subject = own_token(request, "SubjectToken")?;
    let is_absent = |name: &str| request.text(name).map(|text| text.is_none());
    let actor = if is_absent("ActorToken")? && is_absent("ActorTokenType")? {
        None
    } else {
        Some(own_token(request, "ActorToken")?)
    };
    let scopes = request.texts("Scopes")?.filter(|scopes| !scopes.is_empty());
    if scopes.as_ref().is_some_and(|scopes| scopes.len() > MOST_SCOPES) {
        return Err(violated("Scopes", &format!("have length less than or equal to {MOST_SCOPES}")));
    }
    let requested = request.word("RequestedTokenType", &[ACCESS_TOKEN, ID_TOKEN])?.unwrap_or(ACCESS_TOKEN);
    let asked =
        Exchange { subject, actor, scopes, target: target(request)?, requested: token_use(requested) };
    if !has_secret(&client, request.text("ClientSecret")?) {
        let id = &client.client_id;
        return Err(ApiError::not_authorized(format!("Unable to verify the secret of client {id}")));
    }
    let exchanged = exchange(pool, &client, &asked).map_err(|failure| match failure {
        ExchangeFailure::NotAllowed => ApiError::not_authorized(format!(
            "Client {} lacks the flow {} for this exchange.",
            client.client_id,
            if asked.actor.is_some() {
                "ALLOW_TOKEN_EXCHANGE_DELEGATION"
            } else {
                "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
            }
        )),
        ExchangeFailure::Token => {
            ApiError::not_authorized("The subject's or the actor's token does not count.")
        }
        ExchangeFailure::Scope => {
            ApiError::invalid_parameter("No scope is left that the subject's token and the client have.")
        }
        ExchangeFailure::Target => {
            ApiError::invalid_parameter("Audiences or Resources holds no name of a target service.")
        }
        ExchangeFailure::Internal => ApiError::internal(),
    })?;
    let token_type = match requested {
        ID_TOKEN => "N_A",
        _ => "Bearer",
    };
    Ok(json!({
        "IssuedToken": exchanged.token,
        "IssuedTokenType": requested,
        "TokenType": token_type,
        "ExpiresIn": exchanged.seconds,
        "Scopes": exchanged.scopes,
    }))
}

/// A token of this pool and its kind, from the member `name` and those whose names begin with it.
fn own_token<'r>(request: Members<'r>, name: &str) -> Result<(&'r str, TokenUse), ApiError> {
    let token = request.required(name)?;
    let kind = request.required_word(&format!("{name}Type"), &[ACCESS_TOKEN, ID_TOKEN, SAML2])?;
    if kind == SAML2 || request.text(&format!("{name}ProviderName"))?.is_some() {
        return Err(ApiError::invalid_parameter("The local pool exchanges tokens of its own only."));
    }
    Ok((token, token_use(kind)))
}

fn token_use(kind: &str) -> TokenUse {
    match kind {
        ID_TOKEN => TokenUse::Id,
        _ => TokenUse::Access,
    }
}

fn target<'r>(request: Members<'r>) -> Result<Option<Target<'r>>, ApiError> {
    let one = |name: &str| match request.texts(name)?.unwrap_or_default().as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(violated(name, "have length less than or equal to 1")),
    };
    match (one("Audiences")?, one("Resources")?) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid_parameter("Audiences and Resources can not be used together."))
        }
        (Some(name), None) => Ok(Some(Target::Audience(name))),
        (None, resource) => Ok(resource.map(Target::Resource)),
    }
}
