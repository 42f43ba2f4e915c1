//! OAuth scopes, of the settings and of one login.

use crate::http::is_scope;

/// The most that Cognito allows to a client.
const MAX_SCOPES: usize = 50;
const MAX_SCOPE_BYTES: usize = 256;

/// The scopes of Cognito itself; those of an API are written `resource-server/scope`.
const OWN: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// The scope by which other servers are asked for a refresh token (OpenID Connect Core section 11).
const OFFLINE_ACCESS: &str = "offline_access";

/// Whose scopes are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopesOf {
    Cognito,
    /// A server that the setting `issuer` names, which may have others.
    AnotherServer,
}

impl ScopesOf {
    /// Whose scopes an app asks for, by whether `issuer` is set.
    pub(crate) fn of_issuer(is_set: bool) -> Self {
        if is_set { ScopesOf::AnotherServer } else { ScopesOf::Cognito }
    }

    /// Checks one scope.
    pub(crate) fn check(self, text: &str) -> Result<String, String> {
        match self {
            ScopesOf::Cognito => of_cognito(text),
            ScopesOf::AnotherServer => parse(text),
        }
    }

    /// Whether one of these scopes, which are separated by spaces, asks for a refresh token where the scope is unknown.
    pub(crate) fn lacks_offline_access(self, scopes: &str) -> bool {
        self == ScopesOf::Cognito && scopes.split_whitespace().any(|scope| scope == OFFLINE_ACCESS)
    }
}

/// Checks that Cognito has such scopes as `text`.
fn of_cognito(text: &str) -> Result<String, String> {
    let scope = parse(text)?;
    if scope.contains('/') || OWN.contains(&text) {
        return Ok(scope);
    }
    Err(match text {
        OFFLINE_ACCESS => "is no scope of Cognito's, which sends a refresh token with every sign-in: \
                           refresh_flow_enabled = true makes use of it"
            .into(),
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
pub(crate) fn check_scopes(scopes: &[String], scopes_of: ScopesOf) -> Result<(), String> {
    for (index, scope) in scopes.iter().enumerate() {
        scopes_of.check(scope).map_err(|problem| format!("value {} {problem}", index + 1))?;
    }
    check_list(scopes)
}
