//! The pool and app client of the settings, for code without Rocket.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use figment::Figment;
use serde::Serialize;
use serde_json::Value;

use super::authorization::SignInRequest;
use super::client_token::{ClientToken, ClientTokens};
use super::code_exchange::CodeExchange;
use super::token_exchange::{ExchangedToken, TokenExchange};
use super::tokens::TokenSet;
use super::{judge, requirements};
use crate::config::{SessionSettings, Settings};
use crate::error::Error;
use crate::oauth;
use crate::pool::{ClientError, UserInfo, UserPool};
use crate::token::{Expectations, TokenError, TokenUse};
use crate::user::CognitoUser;

/// One user pool and one app client, for any async code on tokio: command-line tools, workers, other frameworks, and
/// what an app does beside its guards.
///
/// It is cheap to clone, and has no state outside of itself. The time is an argument wherever it matters, so that tests
/// can move it. Every call has a deadline and a size cap, follows no redirect, and is made once. In an app with the
/// fairing it is managed state, with the app's settings and keys: `client: &State<CognitoClient>`.
///
/// # Example
/// ```rust,no_run
/// use std::time::SystemTime;
/// use rocket_cognito::client::{CodeExchange, CognitoClient};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = CognitoClient::new([
///     ("user_pool_id", "eu-west-1_AbC123"),
///     ("client_id", "1example23456789"),
///     ("domain", "acme"),
///     ("redirect_url", "https://app.example.com/signed-in"),
/// ])?;
///
/// // Send the browser there, and keep `begun` until it comes back with `code` and `state`.
/// let begun = client.authorization().scopes(["openid", "email"]).begin()?;
/// println!("{}", begun.url());
///
/// # let (code, state) = ("", "");
/// assert!(begun.has_state(state));
/// let tokens = client.exchange_code(CodeExchange::of(&begun, code), SystemTime::now()).await?;
/// let user = client.verify_access_token(tokens.access_token(), SystemTime::now()).await?;
/// println!("Hello, {}", user.username());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct CognitoClient {
    pool: Arc<UserPool>,
    client_tokens: Arc<ClientTokens>,
    refresh_ahead_seconds: u64,
}

impl CognitoClient {
    /// A client by the keys of the [settings table](crate#settings), each of which is checked. `user_pool_id` and
    /// `client_id` are required (or `accepted_client_ids`, to verify tokens only), the others for what needs them.
    /// Nothing else is read: no file, no environment. Numbers and lists may be texts; where flags are among them, give
    /// [`serde_json::Value`]s.
    ///
    /// # Errors
    /// When settings are wrong or missing; the text names them all ([`Error::is_settings`]). When the system has no
    /// root certificates.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::client::CognitoClient;
    ///
    /// let client = CognitoClient::new([("user_pool_id", "eu-west-1_AbC123"), ("client_id", "1example23456789")]);
    /// # client.unwrap();
    /// let wrong = CognitoClient::new([("user_pool", "eu-west-1_AbC123")]).unwrap_err();
    /// assert!(wrong.to_string().contains("did you mean `user_pool_id`?"));
    /// ```
    #[track_caller]
    pub fn new<K, V>(settings: impl IntoIterator<Item = (K, V)>) -> Result<Self, Error>
    where
        K: AsRef<str>,
        V: Serialize,
    {
        let mut given = Figment::from(rocket::Config::default());
        for (key, value) in settings {
            given = given.merge((format!("cognito.{}", key.as_ref()), value));
        }
        CognitoClient::load(Settings::load_given(&given)?)
    }

    /// A client by the table `[<profile>.cognito]` of Rocket's configuration and by `ROCKET_COGNITO_<KEY>`, for
    /// programs beside an app. The fairing's own client is [managed state](Self), and has the local pool's settings,
    /// too.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new), and where the settings start a local pool: that is the fairing's.
    ///
    /// # Example
    /// ```rust,no_run
    /// let client = rocket_cognito::client::CognitoClient::from_figment(&rocket::Config::figment())?;
    /// # Ok::<(), rocket_cognito::Error>(())
    /// ```
    pub fn from_figment(figment: &Figment) -> Result<Self, Error> {
        CognitoClient::load(Settings::load_for_client(figment)?)
    }

    fn load(settings: Settings) -> Result<Self, Error> {
        // Nobody reads what it counts.
        let pool = UserPool::new(&settings, &Arc::default())?;
        Ok(CognitoClient::of(Arc::new(pool), &settings.session))
    }

    /// The client of an app, which shares its keys.
    pub(crate) fn of(pool: Arc<UserPool>, session: &SessionSettings) -> Self {
        CognitoClient {
            pool,
            client_tokens: Arc::default(),
            refresh_ahead_seconds: session.refresh_ahead_seconds,
        }
    }

    /// An authorization request, to be sent to the pool with a browser (RFC 6749 section 4.1.1).
    pub fn authorization(&self) -> SignInRequest<'_> {
        SignInRequest::new(&self.pool)
    }

    /// Exchanges a code for tokens, once: a second try would find it used up (RFC 6749 section 4.1.3). The tokens have
    /// been verified, and with [`CodeExchange::nonce`] the ID token answers that very sign-in. Tokens that do not pass
    /// are revoked. Without keys to check them by, the code is not spent.
    ///
    /// # Errors
    /// All that [`ClientError`] knows; [`is_insufficient_sign_in`](ClientError::is_insufficient_sign_in) where the sign-in
    /// has not reached the level that it was begun with, or is older than that allows.
    pub async fn exchange_code(
        &self,
        exchange: CodeExchange<'_>,
        now: SystemTime,
    ) -> Result<TokenSet, ClientError> {
        let client = requirements::endpoints(&self.pool)?;
        let redirect_url = match exchange.redirect_url {
            Some(redirect_url) => redirect_url,
            None => requirements::redirect_url(&self.pool)?,
        };
        // Without keys the code would be spent on tokens that nobody can judge.
        self.pool.verifier().jwks().document().await?;
        let code = oauth::CodeGrant { code: exchange.code, redirect_url, verifier: exchange.code_verifier };
        let issued = client.leave_to_exchange().await?.exchange(&code).await?;
        let access = judge::issued(&self.pool, &issued, exchange.nonce, now).await.and_then(|access| {
            exchange.check_sign_in(&access, now.into())?;
            Ok(access)
        });
        match access {
            Ok(access) => Ok(TokenSet::of(issued, None, access.claims.exp)),
            Err(error) => {
                // Nobody is to go on with a sign-in that is refused.
                if let Some(token) = &issued.refresh_token {
                    let _ = client.revoke(token.expose()).await;
                }
                Err(error)
            }
        }
    }

    /// Exchanges a refresh token for new tokens, once (RFC 6749 section 6). Without rotation Cognito sends no new
    /// refresh token: the one given stays in the tokens. They have been verified; without keys for that, nothing is
    /// spent.
    ///
    /// The pool has 45 seconds to answer. With rotation its answer is the only copy of the new refresh token, so do not
    /// drop this future before that: where a request may be given up, call it in a task of its own.
    ///
    /// # Errors
    /// All that [`ClientError`] knows. Only [`is_invalid_grant`](ClientError::is_invalid_grant) ends a session.
    pub async fn refresh(&self, refresh_token: &str, now: SystemTime) -> Result<TokenSet, ClientError> {
        let client = requirements::endpoints(&self.pool)?;
        // With rotation the token would be spent on others that nobody can judge.
        self.pool.verifier().jwks().document().await?;
        let issued = client.leave_to_refresh(&mut false).await?.refresh(refresh_token).await?;
        let access = judge::issued(&self.pool, &issued, None, now).await?;
        Ok(TokenSet::of(issued, Some(refresh_token), access.claims.exp))
    }

    /// New tokens for the same person, where `tokens` expire within the setting `refresh_ahead_seconds` or have done
    /// so; `None` while they are good, and where there is no refresh token. Short-lived ones are good for two thirds of
    /// their lifetime at least.
    ///
    /// Call it whenever an identity is taken from where it is kept, and keep what comes back. Let only one caller do so
    /// at a time for one identity: with rotation at Cognito the second would come with a used-up token. It takes as long
    /// as [`refresh`](Self::refresh), and is not to be dropped either.
    ///
    /// # Errors
    /// The errors of [`refresh`](Self::refresh), and [`is_invalid_token`](ClientError::is_invalid_token) when the pool's
    /// answer is about somebody else.
    ///
    /// # Example
    /// ```rust,no_run
    /// # use std::time::SystemTime;
    /// # use rocket_cognito::client::{ClientError, CognitoClient, TokenSet};
    /// # async fn f(client: CognitoClient, mut kept: TokenSet) -> Result<(), ClientError> {
    /// if let Some(renewed) = client.renew_if_due(&kept, SystemTime::now()).await? {
    ///     kept = renewed;
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn renew_if_due(
        &self,
        tokens: &TokenSet,
        now: SystemTime,
    ) -> Result<Option<TokenSet>, ClientError> {
        let ahead = self.refresh_ahead_seconds;
        let Some(refresh_token) = tokens.refresh_token().filter(|_| tokens.is_due(ahead, now)) else {
            return Ok(None);
        };
        let client = requirements::endpoints(&self.pool)?;
        // Whose they are is said by a token that need not be valid any more.
        let any_time =
            Expectations { check_expiration: false, ..self.pool.expected_of_session(TokenUse::Access) };
        let before =
            self.pool.verifier().verify_on_demand(tokens.access_token(), &any_time, now.into()).await?;
        let before = match before {
            // The pool has other keys by now, and nobody can say whose they are.
            Err(TokenError::UnknownKey) => None,
            before => Some(before?),
        };
        // Short-lived tokens would be renewed with each call.
        let lifetime = before.as_ref().map_or(0, |before| before.claims.exp.since(before.claims.iat));
        if before.is_some() && !tokens.is_due(ahead.min(lifetime / 3), now) {
            return Ok(None);
        }
        let issued = client.leave_to_refresh(&mut false).await?.refresh(refresh_token).await?;
        let access = judge::issued(&self.pool, &issued, None, now).await?;
        if before.is_some_and(|before| access.claims.sub != before.claims.sub) {
            return Err(TokenError::Subject.into());
        }
        Ok(Some(TokenSet::of(issued, Some(refresh_token), access.claims.exp)))
    }

    /// A token of this client's own, to call other services with (RFC 6749 section 4.4): one that has been got before,
    /// or a new one when that has expired, or will within a minute. `scopes` are of the form `resource-server/scope`;
    /// none: all that the client has. Many callers at once make one call.
    ///
    /// # Errors
    /// [`is_misconfigured`](ClientError::is_misconfigured) without a secret, where the app client does not allow it, and
    /// for the scope `offline_access`, since no refresh token comes with such a token;
    /// [`is_unavailable`](ClientError::is_unavailable).
    ///
    /// # Example
    /// ```rust,no_run
    /// # use std::time::SystemTime;
    /// # async fn f(client: rocket_cognito::client::CognitoClient) -> Result<(), rocket_cognito::client::ClientError> {
    /// let token = client.client_credentials(&["orders/read"], SystemTime::now()).await?;
    /// let header = format!("Bearer {}", token.access_token());
    /// # Ok(()) }
    /// ```
    pub async fn client_credentials(
        &self,
        scopes: &[&str],
        now: SystemTime,
    ) -> Result<Arc<ClientToken>, ClientError> {
        self.client_credentials_with(scopes, &[], now).await
    }

    /// A token of this client's own, as by [`client_credentials`](Self::client_credentials), with metadata for the pre
    /// token generation trigger (`aws_client_metadata`). Tokens are kept for scopes and metadata together.
    ///
    /// # Errors
    /// The errors of [`client_credentials`](Self::client_credentials).
    pub async fn client_credentials_with(
        &self,
        scopes: &[&str],
        metadata: &[(&str, &str)],
        now: SystemTime,
    ) -> Result<Arc<ClientToken>, ClientError> {
        self.client_tokens.get(requirements::endpoints(&self.pool)?, scopes, metadata, now).await
    }

    /// Exchanges a person's token for another one, to call a further service for them (RFC 8693): for a service with a
    /// secret whose app client allows it (`ALLOW_TOKEN_EXCHANGE_DELEGATION`, `ALLOW_TOKEN_EXCHANGE_IMPERSONATION`). The
    /// new token is verified: it is of the same person, names this client, is bound to the target that was asked for if
    /// there was one, has no scopes but those asked for if there were any, and says who acts if an actor was given.
    ///
    /// # Errors
    /// - [`is_invalid_grant`](ClientError::is_invalid_grant) where the pool does not accept the person's or the actor's
    ///   token, or the form of the request: OAuth has one word for both, and the error's text has the pool's own.
    /// - [`is_invalid_token`](ClientError::is_invalid_token) where the new token is not as described above.
    /// - [`is_misconfigured`](ClientError::is_misconfigured) without a secret, where the app client does not allow the
    ///   exchange, for scopes and targets that it may not have, and for what no pool can give: an empty list of scopes, or
    ///   an ID token for a target.
    /// - [`is_unavailable`](ClientError::is_unavailable).
    pub async fn exchange(
        &self,
        exchange: TokenExchange<'_>,
        now: SystemTime,
    ) -> Result<ExchangedToken, ClientError> {
        exchange.made(&self.pool, now).await
    }

    /// What the pool says about whom an access token is of, at its userInfo endpoint. The token is verified first, and
    /// the answer has to be about the same `sub` (OpenID Connect Core section 5.3.2).
    ///
    /// # Errors
    /// All that [`ClientError`] knows; [`is_invalid_grant`](ClientError::is_invalid_grant) where the token has been
    /// revoked, or lacks the scope `openid`.
    pub async fn user_info(&self, access_token: &str, now: SystemTime) -> Result<UserInfo, ClientError> {
        self.verify_access_token(access_token, now).await?.fetch_user_info().await
    }

    /// Revokes a refresh token, and with it, at Cognito, the access tokens of the same sign-in (RFC 7009). One that is
    /// revoked already is no error.
    ///
    /// # Errors
    /// [`is_misconfigured`](ClientError::is_misconfigured), [`is_unavailable`](ClientError::is_unavailable).
    pub async fn revoke(&self, refresh_token: &str) -> Result<(), ClientError> {
        Ok(requirements::endpoints(&self.pool)?.revoke(refresh_token).await?)
    }

    /// Cognito's own sign-out, which leads to the setting `logout_url`. See also
    /// [`SignInRequest::begin_after_logout`].
    ///
    /// # Errors
    /// [`is_misconfigured`](ClientError::is_misconfigured) without `domain` or `logout_url`.
    pub fn logout_url(&self) -> Result<String, ClientError> {
        let url = requirements::endpoints(&self.pool)?.logout_url().map(str::to_owned);
        url.ok_or_else(|| {
            ClientError::misconfigured("`logout_url` is not set", "set it to a page of the app")
        })
    }

    /// The pool's public keys (RFC 7517 section 5): those that the checks go by, fetched when that is due.
    ///
    /// # Errors
    /// [`is_unavailable`](ClientError::is_unavailable) when there are none.
    pub async fn jwks(&self) -> Result<Value, ClientError> {
        requirements::check_enabled(&self.pool)?;
        Ok(Value::clone(&*self.pool.verifier().jwks().document().await?))
    }

    /// Whom an access token is of, if it counts: every check that a guard makes. It may be a
    /// [machine's](CognitoUser::is_machine): ask whether it [is a person's](CognitoUser::is_person). That of an agent
    /// which acts for somebody counts only with the setting `accept_delegated`; [`actor`](CognitoUser::actor) then says
    /// who acts.
    ///
    /// # Errors
    /// [`is_invalid_token`](ClientError::is_invalid_token), [`is_unavailable`](ClientError::is_unavailable).
    pub async fn verify_access_token(
        &self,
        token: &str,
        now: SystemTime,
    ) -> Result<CognitoUser, ClientError> {
        let expected = self.pool.expected_of_caller(TokenUse::Access);
        judge::token(&self.pool, token, &expected, now).await
    }

    /// Whom an ID token is of, if it counts. With a `nonce` it has to answer the sign-in that sent it; without one,
    /// whatever nonce there is does not matter (Cognito sends one unasked for federated users).
    ///
    /// # Errors
    /// [`is_invalid_token`](ClientError::is_invalid_token), [`is_unavailable`](ClientError::is_unavailable).
    pub async fn verify_id_token(
        &self,
        token: &str,
        nonce: Option<&str>,
        now: SystemTime,
    ) -> Result<CognitoUser, ClientError> {
        let expected = self.pool.expected_of_caller(TokenUse::Id);
        let user = judge::token(&self.pool, token, &expected, now).await?;
        match nonce.is_none_or(|nonce| user.has_nonce(nonce)) {
            true => Ok(user),
            false => Err(TokenError::Nonce.into()),
        }
    }
}

impl fmt::Debug for CognitoClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CognitoClient")
            .field("user_pool_id", &self.pool.settings().user_pool_id)
            .field("client_id", &self.pool.client().map(|client| &client.id))
            .finish_non_exhaustive()
    }
}
