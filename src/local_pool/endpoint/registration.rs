//! `POST /oauth2/register`: clients that register themselves (RFC 7591).
//!
//! Source: RFC 7591; Cognito's developer guide, "Dynamic client registration". What the guide leaves open is this pool's
//! choice, as `LocalRegistration` documents.

use std::sync::Arc;

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{State, post};
use serde::Serialize;

use super::client_authentication::AuthorizationHeader;
use super::oauth_error::OAuthError;
use super::registration_body::{ClientMetadata, RegistrationBody};
use crate::clock::UnixSeconds;
use crate::crypto::{SecretText, serialize_exposed_option};
use crate::local_pool::config::{
    LocalRegistration, REGISTRATION_SCOPE, USUAL_SCOPES, check_url, is_custom_scope,
};
use crate::local_pool::state::{Pool, RegisteredClient, Unusable, access_token, random_word};

/// A quota of Cognito.
const MAX_REDIRECT_URIS: usize = 100;
const MAX_NAME_LETTERS: usize = 128;
/// What has a client prove itself, the first one by default.
const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", NO_SECRET];
const NO_SECRET: &str = "none";

const BAD_TOKEN: &str =
    "An access token of this pool is needed that has not expired and was not revoked, as Bearer.";
const LACKS_SCOPE: &str = "The access token does not have the scope aws.cognito/dcr/register.";
const FULL: &str =
    "The local pool keeps 100 registered clients, and has them: start it anew, without its state file.";

/// The answer of RFC 7591 section 3.2.1.
#[derive(Serialize)]
pub(super) struct Registered {
    client_id: String,
    client_id_issued_at: UnixSeconds,
    #[serde(serialize_with = "serialize_exposed_option", skip_serializing_if = "Option::is_none")]
    client_secret: Option<SecretText>,
    /// 0 says that it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<String>,
    grant_types: &'static [&'static str],
    response_types: &'static [&'static str],
    scope: String,
    token_endpoint_auth_method: String,
}

#[post("/oauth2/register", data = "<body>")]
pub(super) fn register(
    pool: &State<Arc<Pool>>,
    header: AuthorizationHeader<'_>,
    body: RegistrationBody,
) -> Option<Result<(Status, Json<Registered>), OAuthError>> {
    let registration = pool.config.registration?;
    Some(answer(pool, registration, &header, body).map(|registered| (Status::Created, Json(registered))))
}

fn answer(
    pool: &Pool,
    registration: LocalRegistration,
    header: &AuthorizationHeader<'_>,
    body: RegistrationBody,
) -> Result<Registered, OAuthError> {
    if registration == LocalRegistration::Authenticated {
        check_token(pool, header)?;
    }
    let client = checked(pool, registration, body.0?)?;
    pool.clients.register(client.clone()).map_err(|_| OAuthError::full(FULL))?;
    Ok(Registered {
        client_id: client.client_id,
        client_id_issued_at: client.issued_at,
        client_secret_expires_at: client.client_secret.as_ref().map(|_| 0),
        client_secret: client.client_secret,
        client_name: client.name,
        redirect_uris: client.redirect_uris,
        grant_types: grant_types(client.is_machine),
        response_types: if client.is_machine { &[] } else { &["code"] },
        scope: client.scopes.join(" "),
        token_endpoint_auth_method: client.auth_method,
    })
}

fn check_token(pool: &Pool, header: &AuthorizationHeader<'_>) -> Result<(), OAuthError> {
    let token = header.bearer().ok_or_else(|| OAuthError::invalid_bearer(BAD_TOKEN))?;
    let claims = access_token(pool, token, REGISTRATION_SCOPE).map_err(|unusable| {
        OAuthError::invalid_bearer(match unusable {
            Unusable::LacksScope => LACKS_SCOPE,
            Unusable::Invalid | Unusable::Expired | Unusable::Revoked => BAD_TOKEN,
        })
    })?;
    // A machine's token has no user.
    let Some(username) = claims.username else { return Ok(()) };
    let user = pool.users.enabled(&username, &claims.sub);
    user.map(drop).ok_or_else(|| OAuthError::invalid_bearer(BAD_TOKEN))
}

/// The grants of a client: the pool gives everybody who signs in a refresh token.
fn grant_types(is_machine: bool) -> &'static [&'static str] {
    if is_machine { &["client_credentials"] } else { &["authorization_code", "refresh_token"] }
}

/// The client with a new id, if the pool registers such clients.
fn checked(
    pool: &Pool,
    registration: LocalRegistration,
    metadata: ClientMetadata,
) -> Result<RegisteredClient, OAuthError> {
    let is_machine = is_machine(registration, metadata.grant_types.unwrap_or_default())?;
    check_response_types(&metadata.response_types.unwrap_or_default(), is_machine)?;
    let [usual, ..] = AUTH_METHODS;
    let auth_method = metadata.token_endpoint_auth_method.unwrap_or_else(|| usual.into());
    if !AUTH_METHODS.contains(&&*auth_method) {
        return Err(refused(
            "token_endpoint_auth_method is one of client_secret_basic, client_secret_post and none.",
        ));
    }
    let is_public = auth_method == NO_SECRET;
    if is_machine && is_public {
        return Err(refused(
            "A client with client_credentials needs a token_endpoint_auth_method with secret.",
        ));
    }
    let name = metadata.client_name.filter(|name| !name.is_empty());
    let is_wrong = |name: &String| name.chars().count() > MAX_NAME_LETTERS || name.contains(char::is_control);
    if name.as_ref().is_some_and(is_wrong) {
        return Err(refused("client_name has 128 characters at most, and no control characters."));
    }
    Ok(RegisteredClient {
        client_id: random_word::<26>(),
        issued_at: pool.now(),
        client_secret: (!is_public).then(|| SecretText::from(random_word::<52>())),
        auth_method,
        name,
        redirect_uris: redirect_uris(metadata.redirect_uris.unwrap_or_default(), is_machine)?,
        scopes: scopes(pool, metadata.scope.as_deref().unwrap_or_default(), is_machine)?,
        is_machine,
    })
}

/// Whether these grants are a machine's.
fn is_machine(registration: LocalRegistration, grants: Vec<String>) -> Result<bool, OAuthError> {
    let is_given = !grants.is_empty();
    let grants: Vec<_> = grants.into_iter().filter(|grant| grant != "implicit").collect();
    let has = |name: &str| grants.iter().any(|grant| grant == name);
    let known = ["authorization_code", "refresh_token", "client_credentials"];
    if !grants.iter().all(|grant| known.contains(&&**grant)) {
        return Err(refused(
            "grant_types has others than authorization_code, refresh_token, client_credentials and implicit.",
        ));
    }
    match (has("authorization_code"), has("client_credentials")) {
        (true, true) => Err(refused("grant_types combines client_credentials with another grant.")),
        (false, true) if has("refresh_token") => {
            Err(refused("grant_types combines client_credentials with another grant."))
        }
        (false, true) if registration == LocalRegistration::Open => {
            Err(refused("grant_types may have client_credentials where registration is authenticated."))
        }
        (false, true) => Ok(true),
        (false, false) if is_given => Err(refused("grant_types lacks authorization_code.")),
        (_, false) => Ok(false),
    }
}

fn check_response_types(types: &[String], is_machine: bool) -> Result<(), OAuthError> {
    if is_machine {
        return types.is_empty().then_some(()).ok_or_else(|| {
            refused("response_types is empty for client_credentials: nobody is sent to such a client.")
        });
    }
    // What belongs to `implicit` is ignored with it.
    let are_known = types.iter().all(|kind| kind == "code" || kind == "token");
    let is_right = are_known && (types.is_empty() || types.iter().any(|kind| kind == "code"));
    is_right.then_some(()).ok_or_else(|| refused("response_types has to be [\"code\"]."))
}

fn redirect_uris(given: Vec<String>, is_machine: bool) -> Result<Vec<String>, OAuthError> {
    let wrong = |problem| Err(OAuthError::described("invalid_redirect_uri", problem));
    if given.len() > MAX_REDIRECT_URIS {
        return wrong("redirect_uris has more than 100.");
    }
    let mut uris = Vec::new();
    for uri in given {
        if let Err(problem) = check_url(&uri) {
            return wrong(problem);
        }
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    match (uris.is_empty(), is_machine) {
        (true, false) => wrong("redirect_uris is required: the pool sends browsers back there."),
        (false, true) => {
            wrong("redirect_uris is empty for client_credentials: nobody is sent to such a client.")
        }
        _ => Ok(uris),
    }
}

/// The scopes asked for, or all that such a client may have.
fn scopes(pool: &Pool, asked: &str, is_machine: bool) -> Result<Vec<String>, OAuthError> {
    let more = pool.config.registration_scopes.iter().map(String::as_str);
    let allowed: Vec<&str> = if is_machine {
        more.filter(|scope| is_custom_scope(scope)).collect()
    } else {
        USUAL_SCOPES.into_iter().chain(more).collect()
    };
    let asked: Vec<&str> = asked.split_whitespace().collect();
    if asked.iter().any(|scope| !allowed.contains(scope)) {
        return Err(refused("scope has one that no registered client of this kind may have."));
    }
    let granted: Vec<_> =
        allowed.into_iter().filter(|scope| asked.is_empty() || asked.contains(scope)).collect();
    if granted.is_empty() {
        return Err(refused("There is no scope for it: the pool's registration_scopes has none of an API."));
    }
    Ok(granted.into_iter().map(str::to_owned).collect())
}

fn refused(problem: &'static str) -> OAuthError {
    OAuthError::described("invalid_client_metadata", problem)
}
