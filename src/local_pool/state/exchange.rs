//! Tokens for others (RFC 8693).

use serde::Deserialize;
use serde_json::{Value, json};

use super::pool::Pool;
use super::user::User;
use crate::clock::UnixSeconds;
use crate::http::is_audience;
use crate::local_pool::config::LocalClient;
use crate::token::{ExchangedClaims, TokenUse};

/// The longest name of an audience or a resource.
const MAX_TARGET_BYTES: usize = 256;
/// What somebody with an ID token has shown to have.
const SCOPES_OF_ID_TOKENS: &str = "openid email phone profile";

/// What is asked for.
pub(crate) struct Exchange<'a> {
    pub(crate) subject: (&'a str, TokenUse),
    pub(crate) actor: Option<(&'a str, TokenUse)>,
    /// `None`: those of the subject's token.
    pub(crate) scopes: Option<Vec<&'a str>>,
    pub(crate) target: Option<Target<'a>>,
    pub(crate) requested: TokenUse,
}

/// Whom the token is to be bound to.
pub(crate) enum Target<'a> {
    Audience(&'a str),
    Resource(&'a str),
}

/// The token, with what the answer says of it.
pub(crate) struct Exchanged {
    pub(crate) token: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) seconds: u32,
}

/// Why there is no token.
pub(crate) enum ExchangeFailure {
    /// The client may not exchange tokens, or not so.
    NotAllowed,
    /// The subject's or the actor's token does not count.
    Token,
    /// No scope is left.
    Scope,
    Target,
    /// The pool itself failed.
    Internal,
}

/// The claims that an exchange goes by.
#[derive(Deserialize)]
struct SubjectClaims {
    iss: String,
    sub: String,
    exp: UnixSeconds,
    scope: Option<String>,
    client_id: Option<String>,
    aud: Option<String>,
    username: Option<String>,
    #[serde(rename = "cognito:username")]
    cognito_username: Option<String>,
    origin_jti: Option<String>,
    act: Option<Value>,
}

/// Exchanges a token at this client, which has proved itself.
pub(crate) fn exchange(
    pool: &Pool,
    client: &LocalClient,
    asked: &Exchange<'_>,
) -> Result<Exchanged, ExchangeFailure> {
    if !client.token_exchange.is_some_and(|allowed| allowed.allows(asked.actor.is_some())) {
        return Err(ExchangeFailure::NotAllowed);
    }
    let subject = claims_of(pool, asked.subject)?;
    let user = subject.user(pool)?.ok_or(ExchangeFailure::Token)?;
    let act = match asked.actor {
        Some(actor) => {
            let actor = claims_of(pool, actor)?;
            actor.user(pool)?;
            Some(actor.as_actor(subject.act.clone()))
        }
        // Who acted already still does.
        None => subject.act.clone(),
    };
    let scopes = scopes(client, asked, &subject).ok_or(ExchangeFailure::Scope)?;
    let target = asked.target.as_ref().map(Target::name).transpose()?;
    let now = pool.now();
    let lifetime = match asked.requested {
        TokenUse::Access => pool.config.access_token_seconds,
        TokenUse::Id => pool.config.id_token_seconds,
    };
    // It ends with the token that it was got for.
    let left = u32::try_from(subject.exp.since(now)).unwrap_or(u32::MAX);
    let seconds = lifetime.min(left);
    let mint = pool.mint();
    let groups = mint.users.standing(&user).groups;
    let claims = ExchangedClaims {
        issuer: &mint.issuer,
        client_id: &client.client_id,
        sub: &user.sub,
        username: &user.username,
        groups: &groups,
        scopes: &scopes,
        attributes: &user.attributes(),
        target,
        act,
        origin_jti: subject.origin_jti.as_deref(),
        issued_at: now,
        expires_at: now.plus(seconds.into()),
    };
    let token = match asked.requested {
        TokenUse::Access => claims.sign_access(&mint.keys),
        TokenUse::Id => claims.sign_id(&mint.keys),
    };
    Ok(Exchanged { token: token.ok_or(ExchangeFailure::Internal)?, scopes, seconds })
}

/// Those asked for that the subject's token has and the client may have; `None` where none is left.
fn scopes(client: &LocalClient, asked: &Exchange<'_>, subject: &SubjectClaims) -> Option<Vec<String>> {
    let of_subject = subject.scope.as_deref().unwrap_or(match asked.subject.1 {
        TokenUse::Access => "",
        TokenUse::Id => SCOPES_OF_ID_TOKENS,
    });
    let is_granted = |scope: &String| {
        of_subject.split_whitespace().any(|held| held == scope)
            && asked.scopes.as_ref().is_none_or(|asked| asked.contains(&scope.as_str()))
    };
    let granted: Vec<_> = client.granted_scopes(None)?.into_iter().filter(is_granted).collect();
    (!granted.is_empty()).then_some(granted)
}

/// The claims of a token of this pool that counts still.
fn claims_of(pool: &Pool, (token, token_use): (&str, TokenUse)) -> Result<SubjectClaims, ExchangeFailure> {
    let claims: Option<SubjectClaims> = match token_use {
        TokenUse::Access => pool.keys.access_claims(token),
        TokenUse::Id => pool.keys.id_claims(token),
    };
    let is_revoked = |origin: &String| pool.grants.is_revoked(origin);
    claims
        .filter(|claims| claims.iss == pool.issuer() && claims.exp > pool.now())
        .filter(|claims| !claims.origin_jti.as_ref().is_some_and(is_revoked))
        .ok_or(ExchangeFailure::Token)
}

impl SubjectClaims {
    /// The user, who may sign in still; `None` for a machine.
    fn user(&self, pool: &Pool) -> Result<Option<User>, ExchangeFailure> {
        let Some(username) = self.username.as_ref().or(self.cognito_username.as_ref()) else {
            return Ok(None);
        };
        pool.users.enabled(username, &self.sub).map(Some).ok_or(ExchangeFailure::Token)
    }

    /// The claim `act`, which says who acts; `before` is who did so before.
    fn as_actor(&self, before: Option<Value>) -> Value {
        let mut act = json!({ "sub": self.sub, "client_id": self.client_id.as_ref().or(self.aud.as_ref()) });
        if let (Some(act), Some(before)) = (act.as_object_mut(), before) {
            act.insert("act".into(), before);
        }
        act
    }
}

impl<'a> Target<'a> {
    fn name(&self) -> Result<&'a str, ExchangeFailure> {
        let (name, is_right) = match self {
            Target::Audience(name) => (name, !name.is_empty() && !name.chars().any(char::is_control)),
            Target::Resource(name) => (name, is_audience(name)),
        };
        if is_right && name.len() <= MAX_TARGET_BYTES { Ok(name) } else { Err(ExchangeFailure::Target) }
    }
}
