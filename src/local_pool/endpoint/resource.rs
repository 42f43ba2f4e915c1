//! The parameter `resource` (RFC 8707 section 2): whom an access token is for.
//!
//! Source: Cognito developer guide, "The redirect and authorization endpoint".

use reqwest::Url;

use crate::local_pool::config::{absolute_url, check_url};

/// Whether this is one absolute URL without a fragment: https, http on loopback, or a scheme of the app's own.
pub(super) fn is_resource(text: &str) -> bool {
    let has_own_scheme = |url: Url| !["https", "http"].contains(&url.scheme());
    text.split_once("://").is_some_and(|(_, rest)| !rest.is_empty())
        && (check_url(text).is_ok() || absolute_url(text).is_ok_and(has_own_scheme))
}
