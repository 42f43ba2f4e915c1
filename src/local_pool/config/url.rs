//! Which URLs Cognito accepts.

use crate::http::{NotAbsoluteUrl, absolute_url, is_loopback};

const NOT_ABSOLUTE: &str = "must be an absolute URL, such as \"http://localhost:8000/auth/callback\"";

/// Cognito's rule for callback and sign-out URLs.
pub(crate) fn check_url(text: &str) -> Result<(), &'static str> {
    let url = absolute_url(text).map_err(|problem| match problem {
        NotAbsoluteUrl::Letters => "must have at most 1024 characters, percent-encoded, without spaces",
        NotAbsoluteUrl::Form => NOT_ABSOLUTE,
        NotAbsoluteUrl::Fragment => "must not have a fragment (`#`)",
    })?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        ("http", _) => Err("must be https: Cognito takes http for localhost, 127.0.0.1 and [::1] only"),
        _ => Err(NOT_ABSOLUTE),
    }
}
