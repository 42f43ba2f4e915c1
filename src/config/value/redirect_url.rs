//! The app's callbacks as Cognito and browsers know them.

use super::path;
use super::url::HttpUrl;

/// One of the URLs that a sign-in may return to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectUrl {
    /// Sent to Cognito byte for byte as configured.
    pub(crate) text: String,
    /// `scheme://host[:port]` as browsers send it in `Origin`.
    pub(crate) origin: String,
    /// In lower case; an IPv6 address stands in brackets.
    pub(crate) host: String,
    port: u16,
    implied_port: u16,
}

impl RedirectUrl {
    pub(crate) fn of(url: &HttpUrl) -> Self {
        let implied_port = if url.https { 443 } else { 80 };
        RedirectUrl {
            text: url.text.clone(),
            origin: url.origin(),
            host: url.host.clone(),
            port: url.port.unwrap_or(implied_port),
            implied_port,
        }
    }

    /// Whether a request that names this host, and this port or none, came to this URL's origin.
    pub(crate) fn is_at(&self, host: &str, port: Option<u16>) -> bool {
        self.host.eq_ignore_ascii_case(host) && self.port == port.unwrap_or(self.implied_port)
    }
}

/// Checks a callback.
pub(crate) fn parse(text: &str) -> Result<HttpUrl, String> {
    let url = HttpUrl::parse_plain(text)?;
    path::callback(&url.path)?;
    Ok(url)
}

/// Checks a further callback of the app whose first one is `first`, if that is known.
pub(crate) fn parse_further(text: &str, first: Option<&HttpUrl>) -> Result<HttpUrl, String> {
    let url = parse(text)?;
    match first {
        Some(first) if first.path != url.path => {
            Err(format!("has another path than `redirect_url`, which is mounted at {:?}", first.path))
        }
        Some(first) if first.https != url.https => Err("has another scheme than `redirect_url`".into()),
        _ => Ok(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_at_a_url_by_host_and_port() {
        for (url, host, port, expected) in [
            ("https://a.example/cb", "a.example", None, true),
            ("https://a.example/cb", "A.Example", Some(443), true),
            ("https://a.example:443/cb", "a.example", None, true),
            ("https://a.example:8443/cb", "a.example", Some(8443), true),
            ("http://[::1]:8000/cb", "[::1]", Some(8000), true),
            ("http://localhost/cb", "localhost", Some(80), true),
            ("https://a.example/cb", "a.example", Some(80), false),
            ("https://a.example:8443/cb", "a.example", None, false),
            ("http://localhost:8000/cb", "localhost", Some(8001), false),
            ("https://a.example/cb", "b.a.example", None, false),
            ("https://a.example/cb", "a.example.", None, false),
            ("https://a.example/cb", "", None, false),
        ] {
            let url = RedirectUrl::of(&parse(url).unwrap());
            assert_eq!(url.is_at(host, port), expected, "{} {host} {port:?}", url.text);
        }
    }
}
