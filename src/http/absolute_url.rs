//! Absolute URLs without a fragment: what Cognito registers for a client, and what RFC 8707 names a resource by.

use reqwest::Url;

use super::host::is_loopback;

/// The most that Cognito registers.
const MAX_BYTES: usize = 1024;

/// What keeps a text from being an absolute URL without a fragment.
pub(crate) enum NotAbsoluteUrl {
    /// Other than visible ASCII, or too much of it.
    Letters,
    Form,
    Fragment,
}

/// Reads an absolute URL without a fragment, of any scheme.
pub(crate) fn absolute_url(text: &str) -> Result<Url, NotAbsoluteUrl> {
    if !is_visible(text) {
        return Err(NotAbsoluteUrl::Letters);
    }
    let url = Url::parse(text).map_err(|_| NotAbsoluteUrl::Form)?;
    if url.fragment().is_some() { Err(NotAbsoluteUrl::Fragment) } else { Ok(url) }
}

/// Checks the parameter `resource` (RFC 8707 section 2): an absolute URL without a fragment, with https, http on
/// loopback, or a scheme of the app's own.
pub(crate) fn check_resource(text: &str) -> Result<(), &'static str> {
    let not_absolute = "is not an absolute URL such as `https://api.example.com`";
    let rest = text.split_once("://").map(|(_, rest)| rest);
    match (absolute_url(text), rest) {
        (Err(NotAbsoluteUrl::Letters), _) => Err("has spaces, other than ASCII or more than 1024 characters"),
        // A URL may lack the slashes: `https:api.example.com`, `urn:example:api`.
        (Err(NotAbsoluteUrl::Form), _) | (_, None) => Err(not_absolute),
        (Err(NotAbsoluteUrl::Fragment), _) => Err("has a fragment (`#`)"),
        (Ok(url), _) if url.scheme() == "http" && !url.host_str().is_some_and(is_loopback) => {
            Err("uses `http`, which is accepted for localhost, 127.0.0.1 and [::1] only")
        }
        (Ok(_), Some("")) => Err(not_absolute),
        (Ok(_), Some(_)) => Ok(()),
    }
}

/// Whether a token's `aud` may be this text: an absolute URL without a fragment. It is compared exactly and never
/// called, so its letters decide; a second `://` shows two URLs with a comma between them.
pub(crate) fn is_audience(text: &str) -> bool {
    is_visible(text) && text.matches("://").count() == 1 && !text.contains('#')
}

fn is_visible(text: &str) -> bool {
    text.len() <= MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_one_absolute_url() {
        for good in [
            "https://api.example.com",
            "https://api.example.com/v1?x=%20&y",
            "http://localhost:3000",
            "http://127.0.0.1/x",
            "http://[::1]:8000",
            "myapp://orders",
            "solar-system-data://api",
        ] {
            assert_eq!(check_resource(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "api",
            "/api",
            "//api.example.com",
            "api.example.com",
            "https:",
            "https://",
            "myapp://",
            "urn:example:api",
            "http://api.example.com",
            "http://localhost.example.com",
            "https://api.example.com/#x",
            "https://api.example.com https://b.example.com",
            "https://api.example.com\r\n",
            "https://bücher.example",
            "javascript:alert(1)",
            &format!("https://api.example.com/{}", "x".repeat(1024)),
        ] {
            assert!(check_resource(bad).is_err(), "{bad:?}");
        }
    }
}
