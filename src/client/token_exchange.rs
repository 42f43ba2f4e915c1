//! What is sent to exchange a person's token for another one, and what comes back.

use std::fmt;
use std::time::SystemTime;

use super::requirements;
use crate::clock::UnixSeconds;
use crate::crypto::SecretText;
use crate::oauth::{ExchangeGrant, TokenType};
use crate::pool::{ClientError, UserPool};
use crate::token::{Expectations, TokenError, TokenUse, unverified_subject};

/// A person's token that is to be exchanged for another one: for
/// [`CognitoClient::exchange`](crate::client::CognitoClient::exchange).
///
/// Without [`actor`](Self::actor) the exchange is an *impersonation*: the new token does not show that somebody else uses
/// it, but by its `client_id`. With one it is a *delegation*, and the token says in `act` who acts.
///
/// # Example
/// ```rust,no_run
/// # use std::time::SystemTime;
/// # use rocket_cognito::CognitoUser;
/// # use rocket_cognito::client::{ClientError, CognitoClient, TokenExchange};
/// # async fn f(client: CognitoClient, user: CognitoUser, agents_token: &str) -> Result<(), ClientError> {
/// let persons = user.access_token().unwrap_or_default();
/// let exchange = TokenExchange::of(persons).actor(agents_token).scopes(["orders/read"]);
/// let token = client.exchange(exchange, SystemTime::now()).await?;
/// let header = format!("Bearer {}", token.token());
/// # Ok(()) }
/// ```
///
/// Sources: RFC 8693 section 2.1; Cognito's API reference, `GetDerivedToken`. The names of the form's members at Cognito's
/// token endpoint are those of the RFC; that Cognito takes all of them is not established.
#[derive(Clone)]
#[must_use = "give it to `CognitoClient::exchange`"]
pub struct TokenExchange<'a> {
    subject: (&'a str, TokenType),
    actor: Option<&'a str>,
    scopes: Option<String>,
    target: Option<(&'static str, &'a str)>,
    requested: TokenType,
}

impl<'a> TokenExchange<'a> {
    /// The access token of whom the new token is to be of.
    pub fn of(access_token: &'a str) -> Self {
        TokenExchange {
            subject: (access_token, TokenType::Access),
            actor: None,
            scopes: None,
            target: None,
            requested: TokenType::Access,
        }
    }

    /// The ID token of whom the new token is to be of.
    pub fn of_id_token(id_token: &'a str) -> Self {
        TokenExchange { subject: (id_token, TokenType::Id), ..TokenExchange::of(id_token) }
    }

    /// The access token of whoever acts, such as one of [`client_credentials`](super::CognitoClient::client_credentials).
    pub fn actor(self, access_token: &'a str) -> Self {
        TokenExchange { actor: Some(access_token), ..self }
    }

    /// The scopes that the new token is to have, of those that the subject's token has and the client may have. Without a
    /// call of this it has all of the subject's token: **it is not narrowed**. An empty list is refused (an error that
    /// [`is_misconfigured`](ClientError::is_misconfigured)), since no scopes cannot be asked for; so is `offline_access`: no
    /// refresh token comes with an exchanged token.
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let scopes: Vec<_> = scopes.into_iter().map(|scope| scope.as_ref().to_owned()).collect();
        TokenExchange { scopes: Some(scopes.join(" ")), ..self }
    }

    /// Binds the new token to an audience, by its logical name: its `aud`. It replaces a [`resource`](Self::resource).
    pub fn audience(self, name: &'a str) -> Self {
        TokenExchange { target: Some(("audience", name)), ..self }
    }

    /// Binds the new token to a resource server, by its identifier: its `aud`. It replaces an
    /// [`audience`](Self::audience).
    pub fn resource(self, identifier: &'a str) -> Self {
        TokenExchange { target: Some(("resource", identifier)), ..self }
    }

    /// Asks for an ID token instead of an access token. It has no target, since the `aud` of an ID token is the client: with
    /// [`audience`](Self::audience) or [`resource`](Self::resource) it is refused, as what
    /// [`is_misconfigured`](ClientError::is_misconfigured).
    pub fn for_id_token(self) -> Self {
        TokenExchange { requested: TokenType::Id, ..self }
    }

    /// Asks the pool for the new token, and verifies it.
    pub(super) async fn made(&self, pool: &UserPool, now: SystemTime) -> Result<ExchangedToken, ClientError> {
        let endpoints = requirements::endpoints(pool)?;
        self.check()?;
        let issued = endpoints.exchange_token(&self.grant()).await?;
        let token_use = match self.requested {
            TokenType::Access => TokenUse::Access,
            TokenType::Id => TokenUse::Id,
        };
        let expected = Expectations { accepts_delegated: true, ..pool.expected_of_session(token_use) };
        let target = self.target.map(|(_, target)| target.to_owned());
        let audiences: Vec<_> = expected.audiences.iter().cloned().chain(target).collect();
        let expected = Expectations { audiences: &audiences, ..expected };
        let token = issued.access_token;
        let verified = pool.verifier().verify_on_demand(token.expose(), &expected, now.into()).await??;
        let claims = &verified.claims;
        if self.actor.is_some() && claims.act.is_none() {
            return Err(TokenError::Actor.into());
        }
        if let Some((_, target)) = self.target
            && claims.aud.as_deref() != Some(target)
        {
            return Err(TokenError::Target.into());
        }
        if let (Some(asked), Some(granted)) = (&self.scopes, &claims.scope) {
            let is_asked_for = |scope: &str| asked.split(' ').any(|asked| asked == scope);
            if !granted.split(' ').all(is_asked_for) {
                return Err(TokenError::Scope.into());
            }
        }
        if unverified_subject(self.subject.0).as_ref() != Some(&claims.sub) {
            return Err(TokenError::Subject.into());
        }
        Ok(ExchangedToken { token, expires_at: claims.exp })
    }

    /// Refuses what no pool can give.
    fn check(&self) -> Result<(), ClientError> {
        if self.scopes.as_deref().is_some_and(|scopes| scopes.trim().is_empty()) {
            return Err(ClientError::misconfigured(
                "no scope is asked for, and the pool would give all that the person's token has",
                "name at least one, or leave `scopes` out to have all",
            ));
        }
        if self.target.is_some() && self.requested == TokenType::Id {
            return Err(ClientError::misconfigured(
                "an ID token is bound to the client, and to no audience or resource",
                "leave the target out, or ask for an access token",
            ));
        }
        Ok(())
    }

    fn grant(&self) -> ExchangeGrant<'_> {
        ExchangeGrant {
            subject: self.subject,
            actor: self.actor.map(|token| (token, TokenType::Access)),
            scopes: self.scopes.as_deref(),
            target: self.target,
            requested: self.requested,
        }
    }
}

/// Tokens are secrets.
impl fmt::Debug for TokenExchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchange").finish_non_exhaustive()
    }
}

/// A token that has been got for another one, and verified. There is no refresh token: exchange again when it has expired.
/// Until then, keep it for this person and this purpose instead of exchanging with each request.
#[derive(Clone)]
pub struct ExchangedToken {
    token: SecretText,
    expires_at: UnixSeconds,
}

impl ExchangedToken {
    /// The token, for `Authorization: Bearer` at another service. A secret: never log it.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.expose()
    }

    /// When it expires (`exp`).
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at.into()
    }
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedToken").field("expires_at", &self.expires_at.0).finish_non_exhaustive()
    }
}
