//! Disabled mode: every request is from one stub user.

use serde_json::{Map, Value, json};

use super::cognito_user::CognitoUser;
use crate::clock::UnixSeconds;
use crate::config::Settings;
use crate::token::Stub;

/// For how many seconds each request's user is good.
const LIFETIME: u64 = 86_400;

/// The user that everybody passes as in disabled mode, signed in at `now`; `None` out of it.
pub(crate) fn stub_user(settings: &Settings, now: UnixSeconds) -> Option<CognitoUser> {
    let stub = &settings.disabled.as_ref()?.user;
    let client_id = settings.client.as_ref().map(|client| &client.id);
    let mut access = claims(json!({
        "iss": settings.pool.issuer(),
        "sub": stub.sub,
        "auth_time": now,
        "iat": now,
        "exp": now.plus(LIFETIME),
        "jti": stub.sub,
        "origin_jti": stub.sub,
        "event_id": stub.sub,
    }));
    // Cognito leaves the claim out when there are no groups.
    if !stub.groups.is_empty() {
        access.insert("cognito:groups".into(), json!(stub.groups));
    }
    let mut id = access.clone();
    access.extend(claims(json!({
        "token_use": "access",
        "version": 2,
        "client_id": client_id,
        "username": stub.username,
        "scope": stub.scopes.join(" "),
    })));
    id.extend(claims(json!({
        "token_use": "id",
        "aud": client_id,
        "cognito:username": stub.username,
        "email": stub.email_address(),
        "email_verified": true,
    })));
    let statement = |mut claims: Map<String, Value>| {
        claims.extend(stub.attributes.clone());
        Stub::new(Value::Object(claims).to_string().into(), &settings.pool.level_names).ok()
    };
    Some(CognitoUser::stub(statement(access)?, statement(id)?))
}

fn claims(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
