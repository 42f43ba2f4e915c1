//! `trusted_origins`: the app's front ends at other origins.

use crate::config::key;
use crate::config::reader::Reader;
use crate::config::value::list::{unique, words};
use crate::config::value::url::HttpUrl;

/// Reads `trusted_origins`, as browsers send them in `Origin`.
pub(crate) fn read(reader: &mut Reader) -> Vec<String> {
    unique(reader.list(&key::TRUSTED_ORIGINS, words, parse_origin))
}

/// An origin, as browsers send it. The error says what is wrong with it.
pub(crate) fn parse_origin(text: &str) -> Result<String, String> {
    let url = HttpUrl::parse_plain(text)?;
    if url.path.is_empty() { Ok(url.origin()) } else { Err("has a path, if only a slash at the end".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_send_it() {
        for (text, origin) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://app.example.com:443", "https://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com:8443"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:5173", "http://[::1]:5173"),
        ] {
            assert_eq!(parse_origin(text).as_deref(), Ok(origin), "{text}");
        }
        for (text, problem) in [
            ("https://app.example.com/", "has a path"),
            ("https://app.example.com/shop", "has a path"),
            ("https://app.example.com?x", "contains a query"),
            ("https://app.example.com#x", "contains a fragment"),
            ("https://user@app.example.com", "user name or password"),
            ("https://App.example.com", "no valid host"),
            ("https://*.example.com", "no valid host"),
            ("http://app.example.com", "uses `http`"),
            ("app.example.com", "has no scheme"),
            ("null", "has no scheme"),
            ("*", "has no scheme"),
        ] {
            let told = parse_origin(text).unwrap_err();
            assert!(told.contains(problem), "{text}: {told}");
        }
    }
}
