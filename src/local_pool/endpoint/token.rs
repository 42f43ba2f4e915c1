//! `POST /oauth2/token`: codes, refresh tokens and a machine's secret for tokens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rocket::serde::json::Json;
use rocket::{State, post};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::client_authentication::{AuthorizationHeader, authenticate};
use super::oauth_error::OAuthError;
use super::parameters::Parameters;
use super::token_exchange::exchange_token;
use crate::crypto::same;
use crate::http::read_object;
use crate::local_pool::config::LocalClient;
use crate::local_pool::state::{self, Pool, RefreshFailure};
use crate::oauth::{TOKEN_EXCHANGE, TokenType};
use crate::token::{MintedTokens, uuid};

/// What Cognito sends: no `scope` but for an exchanged token, a `refresh_token` on refresh with rotation only, and an
/// access token alone for a machine.
#[derive(Serialize)]
pub(super) struct TokenResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    expires_in: u32,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

#[post("/oauth2/token", data = "<form>")]
pub(super) fn token(
    pool: &State<Arc<Pool>>,
    header: AuthorizationHeader<'_>,
    form: Parameters,
) -> Result<Json<TokenResponse>, OAuthError> {
    if form.is_garbled() {
        return Err(OAuthError::invalid_request());
    }
    let grant_type = form.get("grant_type").ok_or_else(OAuthError::invalid_request)?;
    if !["authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE].contains(&grant_type) {
        return Err(OAuthError::new("unsupported_grant_type"));
    }
    // Before the code is touched: a client that tries Basic and then post must not lose it.
    let client = authenticate(pool, &header, form.get("client_id"), form.get("client_secret"))?;
    let response = match (grant_type, client.client_credentials) {
        ("authorization_code", false) => redeem_code(pool, &client, &form),
        ("refresh_token", false) => refresh(pool, &client, &form),
        (TOKEN_EXCHANGE, _) => exchange(pool, &client, &form),
        ("client_credentials", true) => serve_machine(pool, &client, &form),
        // Cognito combines `client_credentials` with no other grant.
        _ => Err(OAuthError::new("unauthorized_client")),
    };
    response.map(Json)
}

fn redeem_code(pool: &Pool, client: &LocalClient, form: &Parameters) -> Result<TokenResponse, OAuthError> {
    let name = form.get("code").ok_or_else(OAuthError::invalid_request)?;
    let redirect_uri = form.get("redirect_uri").ok_or_else(OAuthError::invalid_request)?;
    let code = pool
        .codes
        .take_if(name, Instant::now(), |code| code.grant.client_id == client.client_id)
        .ok_or_else(OAuthError::invalid_grant)?;
    if code.redirect_uri != redirect_uri {
        return Err(OAuthError::described("unauthorized_client", "invalid_redirect"));
    }
    let verified = match (&code.code_challenge, form.get("code_verifier")) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            same(challenge, &URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
        }
        _ => false,
    };
    if !verified {
        return Err(OAuthError::invalid_grant());
    }
    let user =
        pool.users.enabled(&code.grant.username, &code.grant.sub).ok_or_else(OAuthError::invalid_grant)?;
    // Cognito adds a nonce that nobody has sent to the ID token of whom another provider has signed in.
    let nonce = code.nonce.or_else(|| user.is_federated().then(uuid));
    let minted =
        pool.mint().for_user(&user, &code.grant, nonce.as_deref()).ok_or_else(OAuthError::internal)?;
    Ok(response(pool, minted, Some(pool.new_refresh_token(code.grant))))
}

fn refresh(pool: &Pool, client: &LocalClient, form: &Parameters) -> Result<TokenResponse, OAuthError> {
    let token = form.get("refresh_token").ok_or_else(OAuthError::invalid_request)?;
    let refreshed = state::refresh(pool, &client.client_id, token).map_err(|failure| match failure {
        RefreshFailure::Unknown
        | RefreshFailure::Replaced
        | RefreshFailure::Expired
        | RefreshFailure::Barred => OAuthError::invalid_grant(),
        RefreshFailure::Internal => OAuthError::internal(),
    })?;
    Ok(response(pool, refreshed.minted, refreshed.successor))
}

/// `aws_client_metadata` is for a trigger that computes, which this pool has not: it has to be what Cognito would hand on.
fn serve_machine(pool: &Pool, client: &LocalClient, form: &Parameters) -> Result<TokenResponse, OAuthError> {
    if form.has("resource") {
        // Cognito binds no machine's token. Left unsaid, its lack would show at the resource only.
        return Err(OAuthError::invalid_request());
    }
    let is_metadata = |text| read_object::<BTreeMap<String, String>>(str::as_bytes(text)).is_ok();
    if !form.get("aws_client_metadata").is_none_or(is_metadata) {
        return Err(OAuthError::invalid_request());
    }
    let scopes = client.granted_scopes(form.get("scope")).filter(|scopes| !scopes.is_empty());
    // A scope that there is, though not for this client, is `invalid_grant` at Cognito.
    let exists = || form.get("scope").is_some_and(|scopes| are_scopes(&pool.clients.all(), scopes));
    let scopes = scopes.ok_or_else(|| {
        if exists() { OAuthError::invalid_grant() } else { OAuthError::new("invalid_scope") }
    })?;
    let access_token = pool.token_for_machine(client, &scopes).ok_or_else(OAuthError::internal)?;
    Ok(response(pool, MintedTokens { access_token, id_token: None }, None))
}

/// The answer of RFC 8693 section 2.2.1.
fn exchange(pool: &Pool, client: &LocalClient, form: &Parameters) -> Result<TokenResponse, OAuthError> {
    let (exchanged, kind) = exchange_token(pool, client, form)?;
    Ok(TokenResponse {
        id_token: None,
        access_token: exchanged.token,
        refresh_token: None,
        expires_in: exchanged.seconds,
        token_type: if kind == TokenType::Id { "N_A" } else { "Bearer" },
        issued_token_type: Some(kind.urn()),
        scope: Some(exchanged.scopes.join(" ")),
    })
}

fn response(pool: &Pool, minted: MintedTokens, refresh_token: Option<String>) -> TokenResponse {
    TokenResponse {
        id_token: minted.id_token,
        access_token: minted.access_token,
        refresh_token,
        expires_in: pool.config.access_token_seconds,
        token_type: "Bearer",
        issued_token_type: None,
        scope: None,
    }
}

/// Whether there are all of these scopes: each is one of some client.
fn are_scopes(clients: &[Arc<LocalClient>], scopes: &str) -> bool {
    let mut scopes = scopes.split_whitespace().peekable();
    let exists = |scope: &str| clients.iter().any(|client| client.may_ask_for(scope));
    scopes.peek().is_some() && scopes.all(exists)
}
