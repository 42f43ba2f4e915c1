//! What the pool and its clients are.

use std::iter;

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::members::Members;
use super::paging::Paging;
use crate::local_pool::config::LocalClient;
use crate::local_pool::config::MIN_CHARACTERS;
use crate::local_pool::state::Pool;

pub(super) fn describe_user_pool(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let id = &pool.config.user_pool_id;
    let region = id.split('_').next().unwrap_or_default();
    let names = pool.users.names();
    let mut described = json!({
        "Id": id,
        "Name": "local-pool",
        "Arn": format!("arn:aws:cognito-idp:{region}:000000000000:userpool/{id}"),
        "CreationDate": pool.since,
        "LastModifiedDate": pool.since,
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": pool.users.all().len(),
        "UserPoolTier": if pool.config.levels.are_ignored() { "LITE" } else { "ESSENTIALS" },
        "DeletionProtection": "INACTIVE",
        "UsernameConfiguration": { "CaseSensitive": names.case_sensitive },
        "AutoVerifiedAttributes": ["email", "phone_number"],
        "AdminCreateUserConfig": { "AllowAdminCreateUserOnly": false },
        "Policies": { "PasswordPolicy": {
            "MinimumLength": MIN_CHARACTERS,
            "RequireUppercase": true,
            "RequireLowercase": true,
            "RequireNumbers": true,
            "RequireSymbols": true,
        } },
    });
    if let Some(members) = described.as_object_mut() {
        for (member, attributes) in
            [("UsernameAttributes", &names.username_attributes), ("AliasAttributes", &names.alias_attributes)]
        {
            if !attributes.is_empty() {
                members.insert(member.into(), json!(attributes));
            }
        }
    }
    Ok(json!({ "UserPool": described }))
}

pub(super) fn describe_user_pool_client(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    request.check_pool(pool)?;
    let client = request.client(pool)?;
    let config = &pool.config;
    let mut described = brief(pool, &client);
    described.extend(client.secrets().next().map(|secret| {
        // Whoever may call this may read it, as at Cognito.
        ("ClientSecret".to_owned(), secret.expose().into())
    }));
    let registration = pool.clients.registration(&client.client_id);
    let since = registration.as_ref().map_or(pool.since, |registration| registration.issued_at);
    let flow = if client.client_credentials { "client_credentials" } else { "code" };
    let mut more = vec![
        ("ClientType", json!(if registration.is_some() { "DCR" } else { "REGULAR" })),
        ("CreationDate", json!(since)),
        ("LastModifiedDate", json!(since)),
        ("AccessTokenValidity", json!(config.access_token_seconds)),
        ("IdTokenValidity", json!(config.id_token_seconds)),
        ("RefreshTokenValidity", json!(config.refresh_token_seconds)),
        (
            "TokenValidityUnits",
            json!({ "AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds" }),
        ),
        ("AllowedOAuthFlows", json!([flow])),
        ("AllowedOAuthFlowsUserPoolClient", json!(true)),
        ("AllowedOAuthScopes", json!(client.granted_scopes(None).unwrap_or_default())),
        ("PreventUserExistenceErrors", json!("ENABLED")),
        ("EnableTokenRevocation", json!(true)),
        ("AuthSessionValidity", json!(3)),
        ("ExplicitAuthFlows", json!(auth_flows(pool, &client))),
    ];
    if !client.client_credentials {
        let providers = pool.identity_providers().into_iter().map(|provider| provider.name);
        let providers: Vec<_> = iter::once("COGNITO".to_owned()).chain(providers).collect();
        more.push(("CallbackURLs", json!(client.callback_urls)));
        more.push(("LogoutURLs", json!(client.logout_urls)));
        more.push(("SupportedIdentityProviders", json!(providers)));
    }
    if config.refresh_token_rotation {
        let rotation =
            json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": config.refresh_token_grace_seconds });
        more.push(("RefreshTokenRotation", rotation));
    }
    described.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(json!({ "UserPoolClient": described }))
}

pub(super) fn list_user_pool_clients(pool: &Pool, request: Members<'_>) -> Result<Value, ApiError> {
    const PAGING: Paging =
        Paging { list: "UserPoolClients", limit: "MaxResults", next: "NextToken", least: 1 };
    request.check_pool(pool)?;
    // In the order of the settings, with registered ones behind.
    let clients = (0..).zip(pool.clients.all()).map(|(place, client)| ((place, String::new()), client));
    PAGING.page(request, clients.collect(), |client| brief(pool, client).into())
}

fn brief(pool: &Pool, client: &LocalClient) -> Map<String, Value> {
    let id = client.client_id.as_str();
    let registration = pool.clients.registration(id);
    let name = registration.as_ref().and_then(|registration| registration.name.as_deref());
    [("ClientId", id), ("ClientName", name.unwrap_or(id)), ("UserPoolId", pool.config.user_pool_id.as_str())]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

fn auth_flows(pool: &Pool, client: &LocalClient) -> Vec<&'static str> {
    let mut flows = Vec::new();
    if !client.client_credentials {
        if !pool.clients.is_registered(&client.client_id) {
            flows.extend(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"]);
        }
        if !pool.config.refresh_token_rotation {
            flows.push("ALLOW_REFRESH_TOKEN_AUTH");
        }
    }
    let exchange = [("ALLOW_TOKEN_EXCHANGE_DELEGATION", true), ("ALLOW_TOKEN_EXCHANGE_IMPERSONATION", false)];
    let is_allowed = |has_actor: bool| client.token_exchange.is_some_and(|kinds| kinds.allows(has_actor));
    flows.extend(exchange.into_iter().filter(|(_, has_actor)| is_allowed(*has_actor)).map(|(flow, _)| flow));
    flows
}
