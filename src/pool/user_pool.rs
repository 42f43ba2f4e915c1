//! One user pool: its keys, its endpoints, and what is expected of its tokens.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::config::{BearerSettings, JwksSource, OwnClient, PoolSettings, Settings};
use crate::crypto::SecretText;
use crate::error::Error;
use crate::http::HttpClient;
use crate::oauth::{Domains, Endpoints};
use crate::telemetry::{Counts, Event, emit};
use crate::token::{Expectations, Jwks, TokenUse, Verifier};

/// The user pool and the app client of the settings.
pub(crate) struct UserPool {
    settings: PoolSettings,
    /// `None` where the app only accepts the tokens of other clients.
    client: Option<OwnClient>,
    bearer: BearerSettings,
    is_disabled: bool,
    verifier: Arc<Verifier>,
    /// `None` without a `domain`.
    endpoints: Option<Arc<Endpoints>>,
}

impl UserPool {
    /// The pool of the settings, whose calls `counts` counts.
    ///
    /// # Errors
    /// When the system has no root certificates, or a `jwks` of the settings holds no usable keys.
    pub(crate) fn new(settings: &Settings, counts: &Arc<Counts>) -> Result<Self, Error> {
        let Settings { pool, client, bearer, disabled, .. } = settings;
        Jwks::check(&pool.jwks)?;
        let jwks_url = match &pool.jwks {
            JwksSource::Url { url, .. } => Some(url.as_str()),
            JwksSource::File(_) | JwksSource::Inline(_) => None,
        };
        // Disabled mode calls nobody, nor does a test, so they need no root certificates.
        let is_used = disabled.is_none();
        #[cfg(feature = "testing")]
        let is_used = is_used && pool.offline.is_none();
        let called = pool.server_domain.iter().flat_map(|domain| [domain.as_str(), pool.api.as_str()]);
        let urls = jwks_url.into_iter().chain(called).filter(|_| is_used);
        let proxy = pool.http_proxy.as_ref().filter(|_| is_used);
        let http = HttpClient::for_urls(urls, proxy).map_err(|_| Error::certificates())?;
        #[cfg(feature = "testing")]
        let http = http.answered_by(pool.offline.clone());
        let endpoints = match (&pool.domain, &pool.server_domain) {
            (Some(pages), Some(calls)) => {
                let domains = Domains { pages, calls, api: &pool.api };
                let endpoints =
                    Endpoints::new(client.as_ref(), domains, &pool.level_names, http.clone(), counts);
                Some(Arc::new(endpoints.ok_or_else(Error::internal)?))
            }
            _ => None,
        };
        let jwks = Jwks::new(pool.jwks.clone(), http, counts);
        Ok(UserPool {
            settings: pool.clone(),
            client: client.clone(),
            bearer: bearer.clone(),
            is_disabled: disabled.is_some(),
            verifier: Arc::new(Verifier::new(jwks, pool.token_cache, pool.level_names.clone(), counts)),
            endpoints,
        })
    }

    pub(crate) fn settings(&self) -> &PoolSettings {
        &self.settings
    }

    /// The app client that this app is.
    pub(crate) fn client(&self) -> Option<&OwnClient> {
        self.client.as_ref()
    }

    /// Whether disabled mode is on, in which nobody is called.
    pub(crate) fn is_disabled(&self) -> bool {
        self.is_disabled
    }

    /// Whether an access token may be bound to this resource.
    pub(crate) fn accepts_audience(&self, resource: &str) -> bool {
        self.bearer.accepts_audience(resource)
    }

    pub(crate) fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// The pool's endpoints; `None` without a `domain`.
    pub(crate) fn endpoints(&self) -> Option<&Arc<Endpoints>> {
        self.endpoints.as_ref()
    }

    /// What is expected of the tokens of a sign-in.
    pub(crate) fn expected_of_session(&self, token_use: TokenUse) -> Expectations<'_> {
        Expectations::of_session(&self.settings, &self.bearer, self.client.as_ref(), token_use)
    }

    /// What is expected of a bearer token.
    pub(crate) fn expected_of_bearer(&self) -> Expectations<'_> {
        Expectations::of_bearer(&self.settings, &self.bearer)
    }

    /// What is expected of a token of this kind where no guard says whether agents may call: the settings do.
    pub(crate) fn expected_of_caller(&self, token_use: TokenUse) -> Expectations<'_> {
        let accepts_delegated = self.bearer.accepts_delegated;
        Expectations { token_use: Some(token_use), accepts_delegated, ..self.expected_of_bearer() }
    }

    /// Revokes a refresh token (RFC 7009). A failure is reported, and holds nobody up.
    pub(crate) async fn revoke(&self, refresh_token: &SecretText) {
        let Some(endpoints) = &self.endpoints else { return };
        if let Err(error) = endpoints.revoke(refresh_token.expose()).await {
            emit(Event::RevocationFailed { error: &error });
        }
    }

    /// Revokes a refresh token as one of many, for which nobody waits: it takes its turn, however long that is.
    pub(crate) async fn revoke_in_turn(&self, refresh_token: &SecretText) {
        let Some(endpoints) = &self.endpoints else { return };
        if let Err(error) = endpoints.revoke_in_turn(refresh_token.expose()).await {
            emit(Event::RevocationFailed { error: &error });
        }
    }

    /// Revokes a refresh token in a task of its own: it goes on if the visitor does not wait.
    pub(crate) fn revoke_in_background(self: &Arc<Self>, refresh_token: SecretText) -> JoinHandle<()> {
        let pool = Arc::clone(self);
        tokio::spawn(async move { pool.revoke(&refresh_token).await })
    }

    /// Whether no call to the pool's endpoints is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.endpoints.as_ref().is_none_or(|endpoints| endpoints.is_idle())
    }
}
