//! One user pool: its keys, its endpoints, and what is expected of its tokens.

use std::sync::Arc;

use crate::config::{JwksSource, Settings};
use crate::error::Error;
use crate::http::Http;
use crate::oauth::Client;
use crate::telemetry::{Event, emit};
use crate::token::{Expected, Jwks, TokenUse, Verifier};

/// The user pool and the app client of the settings.
pub(crate) struct UserPool {
    settings: Arc<Settings>,
    verifier: Arc<Verifier>,
    /// `None` without a `domain`.
    endpoints: Option<Arc<Client>>,
}

impl UserPool {
    /// # Errors
    /// When the system has no root certificates, or a `jwks` of the settings holds no usable keys.
    pub(crate) fn new(settings: Arc<Settings>) -> Result<Self, Error> {
        Jwks::check(&settings.jwks)?;
        let jwks_url = match &settings.jwks {
            JwksSource::Url(url) => Some(url.as_str()),
            JwksSource::File(_) | JwksSource::Inline(_) => None,
        };
        // Disabled mode calls nobody, so it needs no root certificates.
        let is_used = settings.disabled.is_none();
        let urls = jwks_url.into_iter().chain(settings.domain.as_deref()).filter(|_| is_used);
        let proxy = settings.http_proxy.as_ref().filter(|_| is_used);
        let http = Http::for_urls(urls, proxy).map_err(|_| Error::certificates())?;
        let endpoints = match &settings.domain {
            Some(domain) => {
                Some(Arc::new(Client::new(&settings, domain, http.clone()).ok_or_else(Error::internal)?))
            }
            None => None,
        };
        let jwks = Jwks::new(settings.jwks.clone(), http);
        let verifier = Arc::new(Verifier::new(jwks, settings.token_cache));
        Ok(UserPool { settings, verifier, endpoints })
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    pub(crate) fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// The pool's endpoints; `None` without a `domain`.
    pub(crate) fn endpoints(&self) -> Option<&Arc<Client>> {
        self.endpoints.as_ref()
    }

    /// What is expected of the tokens of a sign-in.
    pub(crate) fn expected_of_session(&self, token_use: TokenUse) -> Expected<'_> {
        Expected::of_session(&self.settings, token_use)
    }

    /// What is expected of a bearer token.
    pub(crate) fn expected_of_bearer(&self) -> Expected<'_> {
        Expected::of_bearer(&self.settings)
    }

    /// Revokes a refresh token (RFC 7009). A failure is reported, and holds nobody up.
    pub(crate) async fn revoke(&self, refresh_token: &str) {
        let Some(endpoints) = &self.endpoints else { return };
        if let Err(error) = endpoints.revoke(refresh_token).await {
            emit(Event::RevocationFailed { error: &error });
        }
    }

    /// Whether no call to the pool's endpoints is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.endpoints.as_ref().is_none_or(|endpoints| endpoints.is_idle())
    }
}
