//! Which URLs Cognito accepts.

use reqwest::Url;

use crate::config::is_loopback;

const NOT_ABSOLUTE: &str = "must be an absolute URL, such as \"http://localhost:8000/auth/callback\"";

/// Cognito's rule for callback and sign-out URLs.
pub(crate) fn check_url(text: &str) -> Result<(), &'static str> {
    let url = absolute_url(text)?;
    match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(host) => Ok(()),
        ("http", _) => Err("must be https: Cognito takes http for localhost, 127.0.0.1 and [::1] only"),
        _ => Err(NOT_ABSOLUTE),
    }
}

/// An absolute URL without a fragment.
pub(crate) fn absolute_url(text: &str) -> Result<Url, &'static str> {
    if text.len() > 1024 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must have at most 1024 characters, percent-encoded, without spaces");
    }
    let url = Url::parse(text).map_err(|_| NOT_ABSOLUTE)?;
    match url.fragment() {
        Some(_) => Err("must not have a fragment (`#`)"),
        None => Ok(url),
    }
}
