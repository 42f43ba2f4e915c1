//! OAuth scopes, of the settings and of one login.

use crate::http::is_scope;

/// The most that Cognito allows to a client.
const MAX_SCOPES: usize = 50;
const MAX_SCOPE_BYTES: usize = 256;

/// The scopes of Cognito itself; those of an API are written `resource-server/scope`.
const OWN: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// Checks that Cognito has such scopes as `text`.
pub(crate) fn of_cognito(text: &str) -> Result<String, String> {
    let scope = parse(text)?;
    if scope.contains('/') || OWN.contains(&text) {
        return Ok(scope);
    }
    Err(match text {
        "offline_access" => {
            "is no scope of Cognito's: refresh tokens come by refresh_flow_enabled = true".into()
        }
        _ => format!(
            "is no scope of Cognito's, which has {}, and those of APIs, such as orders/read",
            OWN.join(", ")
        ),
    })
}

/// Checks one scope; Cognito's are at most 256 characters long.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    if text.contains(',') {
        return Err("contains a comma: scopes are separated by spaces".into());
    }
    match text.len() <= MAX_SCOPE_BYTES && is_scope(text) {
        true => Ok(text.to_owned()),
        false => Err("is not a scope".into()),
    }
}

/// Checks a list of scopes that are right one by one.
pub(crate) fn check_list(scopes: &[String]) -> Result<(), String> {
    if scopes.len() > MAX_SCOPES {
        return Err(format!("has {} scopes, more than {MAX_SCOPES}", scopes.len()));
    }
    match scopes.iter().any(|scope| scope == "openid") {
        true => Ok(()),
        false => Err("lacks `openid`, without which the pool sends no ID token".into()),
    }
}

/// Checks the scopes of one login, without repeating them: they may come from anywhere.
pub(crate) fn check_scopes(scopes: &[String]) -> Result<(), String> {
    for (index, scope) in scopes.iter().enumerate() {
        parse(scope).map_err(|problem| format!("value {} {problem}", index + 1))?;
    }
    check_list(scopes)
}
