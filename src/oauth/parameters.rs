//! Where the pool is, and what requests to it are made of.

use reqwest::Url;

use crate::config::OwnClient;
use crate::crypto::SecretText;

/// Where the pool is: URLs with scheme and host only; the first two are most often the same.
#[derive(Clone, Copy)]
pub(crate) struct Domains<'a> {
    /// Where browsers reach its pages.
    pub(crate) pages: &'a str,
    /// Where the app itself calls it.
    pub(crate) calls: &'a str,
    /// Where the app calls Cognito's API.
    pub(crate) api: &'a str,
}

/// What an authorization request is made of, beside what an app adds to it.
pub(crate) struct AuthorizationParameters<'a> {
    pub(crate) redirect_url: &'a str,
    pub(crate) state: &'a SecretText,
    pub(crate) nonce: &'a SecretText,
    /// The PKCE challenge, by S256.
    pub(crate) challenge: String,
}

/// A code, and what has to come with it.
pub(crate) struct CodeGrant<'a> {
    pub(crate) code: &'a str,
    /// The callback that the authorization request named.
    pub(crate) redirect_url: &'a str,
    /// Where the authorization request had a challenge.
    pub(crate) verifier: Option<&'a str>,
}

/// The sign-out at the `logout` endpoint that returns to the client's `logout_url`, if it has one.
pub(super) fn logout_url(logout: &Url, client: &OwnClient) -> Option<String> {
    let mut url = logout.clone();
    let query = [("client_id", &client.id), ("logout_uri", client.logout_url.as_ref()?)];
    url.query_pairs_mut().extend_pairs(query);
    Some(url.into())
}
