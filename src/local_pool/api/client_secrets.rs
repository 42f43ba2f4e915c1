//! The secrets of a client, of which it may have two.
//!
//! Source: Cognito's API reference, `AddUserPoolClientSecret`, `ListUserPoolClientSecrets` and
//! `DeleteUserPoolClientSecret`.

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::members::{Members, violated};
use crate::crypto::Secret;
use crate::local_pool::state::{ClientSecret, Pool, SecretRefusal, random_word};

pub(super) fn add_user_pool_client_secret(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let given = request.text("ClientSecret")?;
    let client_id = client_id(pool, request)?;
    given.map_or(Ok(()), check_form)?;
    let secret = given.map_or_else(|| Secret::new(random_word::<52>()), Secret::new);
    let added = pool.clients.add_secret(client_id, secret).map_err(|refusal| refused(refusal, client_id))?;
    let mut described = described(&added);
    if given.is_none() {
        // Nobody else has it yet.
        described.insert("ClientSecretValue".into(), added.value.expose().into());
    }
    Ok(json!({ "ClientSecretDescriptor": described }))
}

pub(super) fn list_user_pool_client_secrets(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let client_id = client_id(pool, request)?;
    let secrets = pool.clients.secrets(client_id).map_err(|refusal| refused(refusal, client_id))?;
    Ok(json!({ "ClientSecrets": secrets.iter().map(described).collect::<Vec<_>>() }))
}

pub(super) fn delete_user_pool_client_secret(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    let id = request.required("ClientSecretId")?;
    let client_id = client_id(pool, request)?;
    pool.clients.delete_secret(client_id, id).map_err(|refusal| refused(refusal, client_id))?;
    Ok(json!({}))
}

/// The id of a client of this pool.
fn client_id<'r>(pool: &Pool, request: Members<'r>) -> Result<&'r str, ApiError> {
    request.check_pool(pool)?;
    request.client(pool)?;
    request.required("ClientId")
}

/// Checks the form of a secret that somebody has chosen.
fn check_form(secret: &str) -> Result<(), ApiError> {
    let is_right = |letter: char| letter.is_ascii_alphanumeric() || "_+".contains(letter);
    if !secret.chars().all(is_right) {
        return Err(violated("ClientSecret", "satisfy regular expression pattern: [\\w+]+"));
    }
    match secret.len() {
        ..24 => Err(violated("ClientSecret", "have length greater than or equal to 24")),
        24..=64 => Ok(()),
        _ => Err(violated("ClientSecret", "have length less than or equal to 64")),
    }
}

fn described(secret: &ClientSecret) -> Map<String, Value> {
    let id = ("ClientSecretId".to_owned(), json!(secret.id));
    [id, ("ClientSecretCreateDate".to_owned(), json!(secret.created))].into_iter().collect()
}

fn refused(refusal: SecretRefusal, client_id: &str) -> ApiError {
    match refusal {
        SecretRefusal::UnknownClient => {
            ApiError::not_found(format!("User pool client {client_id} does not exist."))
        }
        SecretRefusal::UnknownSecret => {
            ApiError::not_found(format!("User pool client {client_id} has no secret of this id."))
        }
        SecretRefusal::Full => {
            ApiError::new("LimitExceededException", format!("User pool client {client_id} has two secrets."))
        }
        SecretRefusal::Registered => ApiError::invalid_parameter(format!(
            "User pool client {client_id} has registered itself, and its secret cannot be changed."
        )),
        SecretRefusal::Public => ApiError::invalid_parameter(format!(
            "User pool client {client_id} has no secret, and gains none."
        )),
        SecretRefusal::Last => ApiError::invalid_parameter(format!(
            "The last secret of user pool client {client_id} cannot be deleted."
        )),
        SecretRefusal::Wrong(problem) => {
            ApiError::invalid_parameter(format!("User pool client {client_id} {problem}."))
        }
    }
}
