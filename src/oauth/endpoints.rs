//! The client for Cognito's authorization server: its URLs, and calls to its endpoints.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use tokio::sync::SemaphorePermit;
use zeroize::Zeroizing;

use super::authorization_request::AuthorizationRequest;
use super::calls::Calls;
use super::client_secret::ClientSecret;
use super::client_secrets::ClientSecrets;
use super::own_token::check_own_token;
use super::parameters::{AuthorizationParameters, CodeGrant, Domains, logout_url};
use super::refresh_calls::{RefreshCalls, RefreshPlace};
use super::response::{EndpointCall, EndpointError, TokenResponse, unavailable};
use super::token_exchange::ExchangeGrant;
use super::user_api::UserApi;
use crate::config::{LevelNames, OwnClient, ScopesOf};
use crate::http::{HttpClient, HttpError, HttpResponse, bearer};
use crate::telemetry::{CallResult, Counts, PoolEndpoint};

const TOKEN_DEADLINE: Duration = Duration::from_secs(8);
/// An answer that is not waited for is a refresh token that is lost: with rotation the pool has replaced the old one.
const REFRESH_DEADLINE: Duration = Duration::from_secs(45);
const REVOKE_DEADLINE: Duration = Duration::from_millis(1500);
const USER_INFO_DEADLINE: Duration = Duration::from_secs(5);
const MAX_BYTES: usize = 64 * 1024;
/// Calls under way at once, 52 in all with those of [`RefreshCalls`] that are not late and of [`UserApi`]: strangers with
/// made-up codes must not use up the pool's quota. Each kind has its own, so that a flood of codes neither ends sessions
/// nor leaves tokens unrevoked.
const MAX_EXCHANGES: usize = 12;
const MAX_REVOCATIONS: usize = 8;
const MAX_USER_INFOS: usize = 8;
/// Many callers share a token of the client's own; those that are exchanged go by the same places.
const MAX_CLIENT_CREDENTIALS: usize = 4;
const MAX_WAIT: Duration = Duration::from_secs(2);
/// A sign-out waits for it.
const MAX_WAIT_TO_REVOKE: Duration = Duration::from_millis(500);

/// One app client of the pool.
pub(crate) struct Endpoints {
    http: HttpClient,
    counts: Arc<Counts>,
    exchanges: Calls,
    refreshes: RefreshCalls,
    revocations: Calls,
    user_infos: Calls,
    client_credentials: Calls,
    user_api: UserApi,
    authorize: Url,
    sign_up: Url,
    token: String,
    revoke: String,
    user_info: String,
    logout: Url,
    logout_url: Option<String>,
    level_names: LevelNames,
    /// `None` where the app only accepts the tokens of other clients: then nothing but userInfo is asked for.
    client: Option<OwnClient>,
    secrets: ClientSecrets,
}

/// Leave to exchange one code. Dropped, it is given back, whether or not the pool has been asked.
pub(crate) struct ExchangeLeave<'a> {
    endpoints: &'a Endpoints,
    _place: SemaphorePermit<'a>,
}

/// Leave to refresh once. Dropped, it is given back, whether or not the pool has been asked.
pub(crate) struct RefreshLeave<'a> {
    endpoints: &'a Endpoints,
    place: RefreshPlace<'a>,
}

impl Endpoints {
    /// A client of the pool at these domains; `None` when one is no URL, which the settings have ruled out.
    pub(crate) fn new(
        client: Option<&OwnClient>,
        domains: Domains<'_>,
        level_names: &LevelNames,
        http: HttpClient,
        counts: &Arc<Counts>,
    ) -> Option<Self> {
        let page = |path: &str| Url::parse(&format!("{}{path}", domains.pages)).ok();
        let call = |path: &str| Url::parse(&format!("{}{path}", domains.calls)).ok();
        let logout = page("/logout")?;
        let logout_url = client.and_then(|client| logout_url(&logout, client));
        Some(Endpoints {
            user_api: UserApi::new(domains.api, http.clone(), counts),
            http,
            counts: Arc::clone(counts),
            exchanges: Calls::at_most(MAX_EXCHANGES, counts),
            refreshes: RefreshCalls::new(counts),
            revocations: Calls::at_most(MAX_REVOCATIONS, counts),
            user_infos: Calls::at_most(MAX_USER_INFOS, counts),
            client_credentials: Calls::at_most(MAX_CLIENT_CREDENTIALS, counts),
            authorize: page("/oauth2/authorize")?,
            sign_up: page("/signup")?,
            token: call("/oauth2/token")?.into(),
            revoke: call("/oauth2/revoke")?.into(),
            user_info: call("/oauth2/userInfo")?.into(),
            logout_url,
            logout,
            level_names: level_names.clone(),
            secrets: ClientSecrets::new(client)?,
            client: client.cloned(),
        })
    }

    fn client_id(&self) -> &str {
        self.client.as_ref().map_or("", |client| &client.id)
    }

    /// Whose scopes the client asks for.
    pub(crate) fn scopes_of(&self) -> ScopesOf {
        self.client.as_ref().map_or(ScopesOf::Cognito, |client| client.scopes_of)
    }

    fn check_own_token(&self, wanted: EndpointCall, scopes: &str) -> Result<(), EndpointError> {
        check_own_token(wanted, !self.secrets.are_none(), scopes, self.scopes_of())
    }

    /// Whether no call is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.exchanges.is_idle()
            && self.refreshes.is_idle()
            && self.revocations.is_idle()
            && self.user_infos.is_idle()
            && self.client_credentials.is_idle()
            && self.user_api.is_idle()
    }

    /// The authorization endpoint (RFC 6749 section 3.1), without parameters.
    pub(crate) fn authorization_endpoint(&self) -> &str {
        self.authorize.as_str()
    }

    /// What a person's access token authorizes beside these endpoints.
    pub(crate) fn user_api(&self) -> &UserApi {
        &self.user_api
    }

    /// The token endpoint (RFC 6749 section 3.2).
    pub(crate) fn token_endpoint(&self) -> &str {
        &self.token
    }

    /// Where to send the browser to sign in, or to sign up, which takes the same parameters.
    pub(crate) fn authorize_url(
        &self,
        begun: &AuthorizationParameters<'_>,
        request: &AuthorizationRequest,
    ) -> String {
        let endpoint = if request.signs_up() { &self.sign_up } else { &self.authorize };
        self.with_authorization(endpoint, begun, request)
    }

    /// Cognito's own sign-out, which goes straight on to its sign-in page.
    pub(crate) fn logout_and_authorize_url(
        &self,
        begun: &AuthorizationParameters<'_>,
        request: &AuthorizationRequest,
    ) -> String {
        self.with_authorization(&self.logout, begun, request)
    }

    /// Every parameter stands in it once.
    fn with_authorization(
        &self,
        endpoint: &Url,
        begun: &AuthorizationParameters<'_>,
        request: &AuthorizationRequest,
    ) -> String {
        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", self.client_id())
                .append_pair("redirect_uri", begun.redirect_url)
                .append_pair("state", begun.state.expose())
                .append_pair("nonce", begun.nonce.expose())
                .append_pair("code_challenge", &begun.challenge)
                .append_pair("code_challenge_method", "S256");
            let scopes = self.client.as_ref().map_or(&[][..], |client| &client.scopes);
            query.extend_pairs(request.parameters(scopes, &self.level_names));
        }
        url.into()
    }

    /// Cognito's own sign-out, which returns to the setting `logout_url`; `None` where that is not set.
    pub(crate) fn logout_url(&self) -> Option<&str> {
        self.logout_url.as_deref()
    }

    /// Counts a call that is not made, since too many are under way.
    pub(crate) fn turn_away(&self) -> EndpointError {
        self.counts.calls_turned_away.add();
        EndpointError::Busy
    }

    /// Leave to exchange one code, as few may do at a time.
    ///
    /// # Errors
    /// [`EndpointError::Busy`] when too many do.
    pub(crate) async fn leave_to_exchange(&self) -> Result<ExchangeLeave<'_>, EndpointError> {
        let place = self.exchanges.place_within(MAX_WAIT).await.ok_or_else(|| self.turn_away())?;
        Ok(ExchangeLeave { endpoints: self, _place: place })
    }

    /// Asks for a token of this client's own (RFC 6749 section 4.4); no scopes: all that it has.
    pub(crate) async fn client_credentials(
        &self,
        scopes: &str,
        metadata: &str,
    ) -> Result<TokenResponse, EndpointError> {
        self.check_own_token(EndpointCall::ClientToken, scopes)?;
        let mut form = vec![("grant_type", "client_credentials"), ("client_id", self.client_id())];
        let more = [("scope", scopes), ("aws_client_metadata", metadata)];
        form.extend(more.into_iter().filter(|(_, value)| !value.is_empty()));
        let _place = self.client_credentials.place_within(MAX_WAIT).await.ok_or_else(|| self.turn_away())?;
        let call = self.ask(EndpointCall::ClientToken, form, &[], TOKEN_DEADLINE);
        self.counted(PoolEndpoint::Token, call).await
    }

    /// Exchanges a token for another one (RFC 8693 section 2.1).
    pub(crate) async fn exchange_token(
        &self,
        grant: &ExchangeGrant<'_>,
    ) -> Result<TokenResponse, EndpointError> {
        self.check_own_token(EndpointCall::TokenExchange, grant.scopes.unwrap_or_default())?;
        let _place = self.client_credentials.place_within(MAX_WAIT).await.ok_or_else(|| self.turn_away())?;
        let (form, secrets) = (grant.form(self.client_id()), grant.secrets());
        let call = self.ask(EndpointCall::TokenExchange, form, &secrets, TOKEN_DEADLINE);
        self.counted(PoolEndpoint::Token, call).await
    }

    /// Leave to refresh once, as few may do at a time. Whoever asks again says whether it `has_waited` before.
    ///
    /// # Errors
    /// [`EndpointError::Busy`] when too many do. Who gives up then has the call [turned away](Self::turn_away).
    pub(crate) async fn leave_to_refresh(
        &self,
        has_waited: &mut bool,
    ) -> Result<RefreshLeave<'_>, EndpointError> {
        let place = self.refreshes.place_again(MAX_WAIT, has_waited).await.ok_or(EndpointError::Busy)?;
        Ok(RefreshLeave { endpoints: self, place })
    }

    /// Makes a call to this endpoint, counted while it is under way and by what comes of it.
    async fn counted<T>(
        &self,
        endpoint: PoolEndpoint,
        call: impl Future<Output = Result<T, EndpointError>>,
    ) -> Result<T, EndpointError> {
        let counted = self.counts.pool_call(endpoint);
        let result = call.await;
        counted.finish(match &result {
            Ok(_) => CallResult::Ok,
            Err(error) => error.call_result(),
        });
        result
    }

    /// Asks the token endpoint. The `secrets` in the form are kept out of the log, should the pool repeat them.
    async fn ask<'a>(
        &'a self,
        wanted: EndpointCall,
        form: Vec<(&'a str, &'a str)>,
        secrets: &[&str],
        deadline: Duration,
    ) -> Result<TokenResponse, EndpointError> {
        let answer = self.secrets.call(deadline, |secret, left| self.send_form(&form, secret, left)).await?;
        let body = Zeroizing::new(answer.body);
        let error = match answer.status {
            200 if !answer.is_json => unavailable("its answer is not `application/json`"),
            200 => match wanted.tokens(&body) {
                Some(tokens) => return Ok(tokens),
                None => unavailable("its answer contains no bearer tokens"),
            },
            400 | 401 | 403 => self.secrets.refusal(wanted, &body, answer.status, secrets),
            status => unavailable(format_args!("it answered with status {status}")),
        };
        Err(error.after(answer.retry_after))
    }

    /// `client_secret_post`: unlike Basic it leaves no doubt how a `+` in a secret is encoded.
    async fn send_form(
        &self,
        form: &[(&str, &str)],
        secret: Option<Arc<ClientSecret>>,
        deadline: Duration,
    ) -> Result<HttpResponse, HttpError> {
        let form: Vec<_> = form.iter().copied().chain(secret.as_deref().map(ClientSecret::field)).collect();
        self.http.post_form(&self.token, &form, None, deadline, MAX_BYTES).await
    }

    /// Revokes a refresh token (RFC 7009), best effort, for somebody who waits.
    pub(crate) async fn revoke(&self, refresh_token: &str) -> Result<(), EndpointError> {
        let place = self.revocations.place_within(MAX_WAIT_TO_REVOKE).await;
        let place = place.ok_or_else(|| self.turn_away())?;
        self.counted(PoolEndpoint::Revoke, self.send_revocation(refresh_token, place)).await
    }

    /// Revokes a refresh token for which nobody waits, as soon as there is a place.
    pub(crate) async fn revoke_in_turn(&self, refresh_token: &str) -> Result<(), EndpointError> {
        let place = self.revocations.place().await.ok_or(EndpointError::Busy)?;
        self.counted(PoolEndpoint::Revoke, self.send_revocation(refresh_token, place)).await
    }

    async fn send_revocation(
        &self,
        refresh_token: &str,
        _place: SemaphorePermit<'_>,
    ) -> Result<(), EndpointError> {
        let send = |secret, deadline| self.send_token(refresh_token, secret, deadline);
        let answer = self.secrets.call(REVOKE_DEADLINE, send).await?;
        let error = match answer.status {
            200 => return Ok(()),
            400 | 401 | 403 => {
                let secrets = [refresh_token];
                self.secrets.refusal(EndpointCall::Revocation, &answer.body, answer.status, &secrets)
            }
            status => unavailable(format_args!("it answered with status {status}")),
        };
        Err(error.after(answer.retry_after))
    }

    /// Cognito documents Basic here, and nothing else.
    async fn send_token(
        &self,
        refresh_token: &str,
        secret: Option<Arc<ClientSecret>>,
        deadline: Duration,
    ) -> Result<HttpResponse, HttpError> {
        let authorization = secret.as_deref().map(ClientSecret::authorization);
        let client_id = authorization.is_none().then(|| ("client_id", self.client_id()));
        let form: Vec<_> = [("token", refresh_token)].into_iter().chain(client_id).collect();
        self.http.post_form(&self.revoke, &form, authorization, deadline, MAX_BYTES).await
    }

    /// What the pool says about whom an access token is of (OpenID Connect Core section 5.3), as JSON.
    pub(crate) async fn user_info(&self, access_token: &str) -> Result<Vec<u8>, EndpointError> {
        let authorization = bearer(access_token).ok_or(EndpointError::Grant)?;
        let _place = self.user_infos.place_within(MAX_WAIT).await.ok_or_else(|| self.turn_away())?;
        self.counted(PoolEndpoint::UserInfo, self.ask_about_user(&authorization)).await
    }

    async fn ask_about_user(&self, authorization: &HeaderValue) -> Result<Vec<u8>, EndpointError> {
        let call = self.http.get(&self.user_info, Some(authorization), USER_INFO_DEADLINE, MAX_BYTES);
        let answer = call.await?;
        let error = match answer.status {
            200 if !answer.is_json => unavailable("its answer is not `application/json`"),
            200 => return Ok(answer.body),
            // 400 is for a request without a token, and a firewall's 403 says nothing about one.
            401 => EndpointError::Grant,
            status => unavailable(format_args!("it answered with status {status}")),
        };
        Err(error.after(answer.retry_after))
    }
}

impl ExchangeLeave<'_> {
    /// Exchanges a code, once: a second try would find it used up.
    pub(crate) async fn exchange(self, code: &CodeGrant<'_>) -> Result<TokenResponse, EndpointError> {
        let CodeGrant { code, redirect_url, verifier } = *code;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.endpoints.client_id()),
            ("redirect_uri", redirect_url),
            ("code", code),
        ];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        let secrets = [code, verifier.unwrap_or_default()];
        let call = self.endpoints.ask(EndpointCall::UserTokens, form, &secrets, TOKEN_DEADLINE);
        self.endpoints.counted(PoolEndpoint::Token, call).await
    }
}

impl RefreshLeave<'_> {
    /// Exchanges a refresh token for new tokens (RFC 6749 section 6), once: with rotation it may be used up. This takes up
    /// to 45 seconds, and whoever drops it loses what the pool answers.
    pub(crate) async fn refresh(self, refresh_token: &str) -> Result<TokenResponse, EndpointError> {
        let form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", self.endpoints.client_id()),
            ("refresh_token", refresh_token),
        ];
        let secrets = [refresh_token];
        let call = self.endpoints.ask(EndpointCall::UserTokens, form, &secrets, REFRESH_DEADLINE);
        self.place.make(self.endpoints.counted(PoolEndpoint::Token, call)).await
    }
}
