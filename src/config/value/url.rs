//! URLs and hosts by a strict grammar, so that every reader of a setting sees the same host.

use crate::http::{is_loopback, is_private};

/// The most that Cognito registers as a callback.
const MAX_LENGTH: usize = 1024;

/// To which hosts a URL may lead by plain `http`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    Loopback,
    /// Where the unsafe modes may run: a pool in a container has a name of its own, which cannot be public.
    Private,
}

impl PlainHttp {
    /// Refuses a host that this does not allow.
    fn check(self, host: &str) -> Result<(), String> {
        match self {
            PlainHttp::Loopback if !is_loopback(host) => {
                Err("uses `http`, which is accepted for localhost, 127.0.0.1 and [::1] only".into())
            }
            PlainHttp::Private if !is_private(host) => Err("uses `http`, which is accepted for private names and \
                 addresses only: localhost, names without a dot or ending in .internal, .local, .localhost or .test, \
                 and addresses such as 172.17.0.2; type `https://`, or such a name"
                .into()),
            _ => Ok(()),
        }
    }
}

/// An absolute `https` URL, or an `http` one on a host that may have it, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpUrl {
    pub(crate) text: String,
    pub(crate) https: bool,
    /// In lower case; an IPv6 address stands in brackets.
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// Empty, or begins with a slash.
    pub(crate) path: String,
    pub(crate) has_query: bool,
}

impl HttpUrl {
    /// Reads `text`, with `http` on loopback alone; the error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<HttpUrl, String> {
        HttpUrl::parse_with(text, PlainHttp::Loopback)
    }

    /// Reads `text` as [`parse`](HttpUrl::parse) does, with `http` where `plain` says.
    pub(crate) fn parse_with(text: &str, plain: PlainHttp) -> Result<HttpUrl, String> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err("contains a space, a backslash or a character that is not printable ASCII".into());
        }
        if text.len() > MAX_LENGTH {
            return Err(format!("is longer than {MAX_LENGTH} characters"));
        }
        let https = match text.split_once("://") {
            Some(("https", _)) => true,
            Some(("http", _)) => false,
            Some(_) => return Err("has a scheme other than `https` in lower case".into()),
            None => return Err("has no scheme: it does not begin with `https://`".into()),
        };
        let rest = text.split_once("://").map_or("", |(_, rest)| rest);
        if rest.contains('#') {
            return Err("contains a fragment (`#`)".into());
        }
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, path) =
            rest.find('/').and_then(|slash| rest.split_at_checked(slash)).unwrap_or((rest, ""));
        // Names in a network of containers may have `_`; no certificate has.
        let (host, port) = host_and_port(authority, if https { is_host } else { is_container_host })?;

        if !https {
            plain.check(host)?;
        }
        if !is_url_text(path) || !query.is_none_or(is_url_text) {
            return Err("contains a character that must be percent-encoded, or a broken `%`".into());
        }
        // The parser of the HTTP client must see the same URL: it rewrites `..`, odd addresses and more.
        let client = reqwest::Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        if client.host_str() != Some(host) || (client.path() != path && !path.is_empty()) {
            return Err("is read in different ways by different programs (`..` or an odd address)".into());
        }
        Ok(HttpUrl {
            text: text.to_owned(),
            https,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
            has_query: query.is_some(),
        })
    }

    /// Checks a URL as [`parse`](HttpUrl::parse) does, and refuses a query.
    pub(crate) fn parse_plain(text: &str) -> Result<HttpUrl, String> {
        HttpUrl::parse(text)?.without_query()
    }

    /// The URL, unless it has a query.
    pub(crate) fn without_query(self) -> Result<HttpUrl, String> {
        if self.has_query { Err("contains a query (`?`)".into()) } else { Ok(self) }
    }

    /// `scheme://host[:port]` as browsers send it in `Origin`: without a port that the scheme implies.
    pub(crate) fn origin(&self) -> String {
        let (scheme, implied) = if self.https { ("https", 443) } else { ("http", 80) };
        match self.port {
            Some(port) if port != implied => format!("{scheme}://{}:{port}", self.host),
            _ => format!("{scheme}://{}", self.host),
        }
    }
}

/// Splits `host[:port]` and checks both.
fn host_and_port(authority: &str, is_host: fn(&str) -> bool) -> Result<(&str, Option<u16>), String> {
    if authority.contains('@') {
        return Err("contains a user name or password (`@` before the host)".into());
    }
    let (host, port) = match authority.strip_prefix("[::1]") {
        Some("") => ("[::1]", None),
        Some(rest) => ("[::1]", rest.strip_prefix(':').or(Some(""))),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    if host != "[::1]" && !is_host(host) {
        return Err(
            "has no valid host: labels of `a` to `z`, `0` to `9` and `-` in lower case, with dots between"
                .into(),
        );
    }
    let Some(digits) = port else { return Ok((host, None)) };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if plain => Ok((host, Some(port))),
        _ => Err("has a port that is not a number from 1 to 65535".into()),
    }
}

/// Whether `host` consists of DNS labels in lower case.
pub(crate) fn is_host(host: &str) -> bool {
    host.len() <= 253 && host.split('.').all(is_label)
}

/// Whether `host` is one, or would be with `-` for each `_`: services of Docker Compose may have that in their names.
pub(crate) fn is_container_host(host: &str) -> bool {
    is_host(&host.replace('_', "-"))
}

/// A DNS label: 1 to 63 of `a-z0-9-`, no hyphen at either end.
pub(crate) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether `text` may stand in a path or query as it is (RFC 3986: `pchar`, `/` and `?`).
pub(crate) fn is_url_text(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    text.bytes().all(allowed) && has_whole_escapes(text)
}

/// Whether two hexadecimal digits follow each `%`.
pub(crate) fn has_whole_escapes(text: &str) -> bool {
    let encoded = |after: &str| {
        let mut digits = after.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().is_some() && digits.next().is_some()
    };
    text.split('%').skip(1).all(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_and_splits() {
        for (text, host, port, path, origin) in [
            ("https://app.example.com/cb", "app.example.com", None, "/cb", "https://app.example.com"),
            ("https://app.example.com", "app.example.com", None, "", "https://app.example.com"),
            ("https://a.b:8443/", "a.b", Some(8443), "/", "https://a.b:8443"),
            ("https://a.b:443/", "a.b", Some(443), "/", "https://a.b"),
            ("http://localhost:8000/x/y", "localhost", Some(8000), "/x/y", "http://localhost:8000"),
            ("http://127.0.0.1/x", "127.0.0.1", None, "/x", "http://127.0.0.1"),
            ("http://[::1]:80/x", "[::1]", Some(80), "/x", "http://[::1]"),
            ("https://10.0.0.7/x?y=%20", "10.0.0.7", None, "/x", "https://10.0.0.7"),
        ] {
            let url = HttpUrl::parse(text).unwrap();
            assert_eq!((url.host.as_str(), url.port, url.path.as_str()), (host, port, path), "{text}");
            assert_eq!((url.origin().as_str(), url.text.as_str()), (origin, text));
        }
    }

    #[test]
    fn refuses() {
        for (text, words) in [
            ("", "no scheme"),
            ("app.example.com/cb", "no scheme"),
            ("HTTPS://app.example.com", "scheme other than"),
            ("ftp://app.example.com", "scheme other than"),
            ("javascript://app.example.com", "scheme other than"),
            ("http://app.example.com", "uses `http`"),
            ("http://localhost.example.com", "uses `http`"),
            ("http://127.0.0.2", "uses `http`"),
            ("https://user:password@app.example.com", "user name or password"),
            ("https://app.example.com#x", "fragment"),
            ("https://app.example.com/a b", "space"),
            ("https://app.example.com\\@evil.com", "backslash"),
            ("https://app.example.com/\r\nx", "printable"),
            ("https://exämple.com", "printable"),
            ("https://App.example.com", "valid host"),
            ("https://", "valid host"),
            ("https:///x", "valid host"),
            ("https://a..b", "valid host"),
            ("https://-a.b", "valid host"),
            ("https://a_b.c", "valid host"),
            ("https://[::2]/", "valid host"),
            ("https://[::1]x/", "port"),
            ("https://a.b:0/", "port"),
            ("https://a.b:065/", "port"),
            ("https://a.b:65536/", "port"),
            ("https://a.b:/", "port"),
            ("https://a.b:+1/", "port"),
            ("https://a.b/%2", "broken `%`"),
            ("https://a.b/<x>", "percent-encoded"),
            ("https://a.b/x/../y", "different ways"),
            ("https://0x7f.1/", "different ways"),
            ("https://xn--a/", "not a URL"),
        ] {
            let problem = HttpUrl::parse(text).unwrap_err();
            assert!(problem.contains(words), "{text}: {problem}");
        }
        assert!(HttpUrl::parse(&format!("https://a.b/{}", "x".repeat(1024))).is_err());
        assert!(HttpUrl::parse_plain("https://a.b/?x").is_err());
    }

    #[test]
    fn plain_http_leads_to_private_hosts_where_it_may() {
        let parse = |text| HttpUrl::parse_with(text, PlainHttp::Private);
        assert_eq!(parse("http://pool:9400/x").unwrap().host, "pool");
        assert_eq!(parse("http://my_pool:9400/x").unwrap().host, "my_pool");
        for text in [
            "http://POOL",
            "http://a@pool",
            "http://_pool",
            "ftp://pool",
            "http://pool/a b",
            "https://my_pool",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(HttpUrl::parse("http://my_pool").unwrap_err().contains("uses `http`"));
    }
}
