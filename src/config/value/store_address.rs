//! Where a Redis or Valkey is: `redis://host:port` and the like.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use rocket::http::RawStr;

use super::url::has_whole_escapes;
use crate::crypto::Secret;

const DEFAULT_PORT: u16 = 6379;

/// The address of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreAddress {
    /// A host, which is resolved at each connect. An IPv6 address stands without brackets.
    Tcp {
        host: String,
        port: u16,
        tls: bool,
    },
    Unix(PathBuf),
}

impl StoreAddress {
    pub(crate) fn has_tls(&self) -> bool {
        matches!(self, StoreAddress::Tcp { tls: true, .. })
    }

    /// Whether what is sent there leaves the machine as it is.
    pub(crate) fn is_readable_on_the_way(&self) -> bool {
        matches!(self, StoreAddress::Tcp { host, tls: false, .. } if !is_this_machine(host))
    }
}

/// The address as logs show it, without a scheme.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreAddress::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            StoreAddress::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            StoreAddress::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// An address, and what may stand in its URL beside it.
#[derive(Debug, Clone)]
pub(in crate::config) struct StoreUrl {
    pub(in crate::config) address: StoreAddress,
    pub(in crate::config) database: Option<u32>,
    pub(in crate::config) username: Option<String>,
    pub(in crate::config) password: Option<Secret>,
}

impl StoreUrl {
    /// Reads `text`; the error says what is wrong with it, and contains nothing of it.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return socket(path.strip_prefix("//").unwrap_or(path));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("has no scheme: it begins with none of `redis://`, `rediss://`, `valkey://`, `valkeys://` and \
                        `unix:`"
                .into());
        };
        let tls = match scheme {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => {
                return Err(
                    "has a scheme other than `redis`, `rediss`, `valkey`, `valkeys` and `unix`".into()
                );
            }
        };
        if rest.contains(['?', '#']) {
            return Err("has a query (`?`) or a fragment (`#`): the settings `session_store_…` say what is to be said. In a \
                        password these are %3F and %23"
                .into());
        }
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
        if path.is_some_and(|path| path.contains('@')) {
            return Err("has a `/` before the `@`: in a user name or password it is %2F".into());
        }
        let (credentials, place) =
            authority.rsplit_once('@').map_or((None, authority), |(before, place)| (Some(before), place));
        let (username, password) = credentials.map_or(Ok((None, None)), read_credentials)?;
        let (host, port) = host_and_port(place)?;
        let database = path.filter(|path| !path.is_empty()).map(database).transpose()?;
        Ok(StoreUrl { address: StoreAddress::Tcp { host, port, tls }, database, username, password })
    }
}

fn socket(path: &str) -> Result<StoreUrl, String> {
    if path.contains('?') {
        return Err("has a query (`?`): the settings `session_store_…` say what is to be said".into());
    }
    if !Path::new(path).is_absolute() {
        return Err("has no absolute path behind `unix:`".into());
    }
    let address = StoreAddress::Unix(path.into());
    Ok(StoreUrl { address, database: None, username: None, password: None })
}

/// What stands before the `@`: `user:password`, `:password` or `user`.
fn read_credentials(text: &str) -> Result<(Option<String>, Option<Secret>), String> {
    if text.contains('@') {
        return Err("has an `@` in its user name or password, which is %40 there".into());
    }
    let decode = |text: &str| match RawStr::new(text).percent_decode() {
        Ok(decoded) if has_whole_escapes(text) => Ok(decoded.into_owned()),
        _ => Err("has a broken `%` in its user name or password, where it is %25".to_owned()),
    };
    match text.split_once(':') {
        Some((_, "")) => Err("has an empty password".into()),
        Some(("", password)) => Ok((None, Some(Secret::new(decode(password)?)))),
        Some((username, password)) => Ok((Some(decode(username)?), Some(Secret::new(decode(password)?)))),
        None if text.is_empty() => Err("has nothing before its `@`".into()),
        None => Ok((Some(decode(text)?), None)),
    }
}

fn host_and_port(text: &str) -> Result<(String, u16), String> {
    let (host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((address, ""))) => (address, None),
        Some(Some((address, rest))) => (address, Some(rest.strip_prefix(':').unwrap_or(""))),
        Some(None) => return Err("has a `[` without `]`".into()),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    match text.starts_with('[') {
        true if host.parse::<Ipv6Addr>().is_err() => {
            return Err("has no IPv6 address between `[` and `]`".into());
        }
        false if host.is_empty() => return Err("has no host".into()),
        false if port.is_some_and(|port| port.contains(':')) => {
            return Err("has more than one `:` behind its host: an IPv6 address stands in `[` and `]`".into());
        }
        false if !is_host(host) => {
            return Err("has a host with something other than letters, digits, `.`, `-` and `_`".into());
        }
        _ => {}
    }
    let Some(digits) = port else { return Ok((host.to_owned(), DEFAULT_PORT)) };
    match number(digits).and_then(|port| u16::try_from(port).ok()) {
        Some(port) if port > 0 => Ok((host.to_owned(), port)),
        _ => Err("has a port that is not a number from 1 to 65535".into()),
    }
}

/// Labels as DNS has them. Names in networks of containers have an underscore, too.
fn is_host(host: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    host.len() <= 253 && host.split('.').all(is_label)
}

fn database(path: &str) -> Result<u32, String> {
    number(path).ok_or_else(|| "has a path that is not the number of a database, such as /0".into())
}

/// Digits alone, where the standard library accepts a sign.
fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

fn is_this_machine(host: &str) -> bool {
    let name = host.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, bool, Option<u32>, Option<String>, Option<String>) {
        let url = StoreUrl::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        let password = url.password.map(|password| password.expose().to_owned());
        (url.address.to_string(), url.address.has_tls(), url.database, url.username, password)
    }

    #[test]
    fn urls_are_taken_apart() {
        let some = |text: &str| Some(text.to_owned());
        for (text, address, tls, database, username, password) in [
            ("redis://localhost", "localhost:6379", false, None, None, None),
            ("valkey://10.0.0.7:6380/", "10.0.0.7:6380", false, None, None, None),
            ("rediss://cache.example.com:6380/2", "cache.example.com:6380", true, Some(2), None, None),
            ("valkeys://[::1]:7000/0", "[::1]:7000", true, Some(0), None, None),
            ("redis://[2001:db8::7]", "[2001:db8::7]:6379", false, None, None, None),
            ("redis://my_app-store_1", "my_app-store_1:6379", false, None, None, None),
            ("redis://:p%40ss%2Fword@a.b", "a.b:6379", false, None, None, some("p@ss/word")),
            ("redis://app:a:b%25@a.b:1/3", "a.b:1", false, Some(3), some("app"), some("a:b%")),
            ("redis://app@a.b", "a.b:6379", false, None, some("app"), None),
            ("unix:/run/redis.sock", "/run/redis.sock", false, None, None, None),
            ("unix:///run/redis.sock", "/run/redis.sock", false, None, None, None),
        ] {
            assert_eq!(read(text), (address.to_owned(), tls, database, username, password), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_text() {
        for (text, words) in [
            ("localhost:6379", "has no scheme"),
            ("http://canary", "scheme other than"),
            ("REDIS://canary", "scheme other than"),
            ("redis://", "has no host"),
            ("redis://:6379", "has no host"),
            ("redis://canary:0", "port"),
            ("redis://canary:65536", "port"),
            ("redis://canary:", "port"),
            ("redis://canary:+1", "port"),
            ("redis://canary:01", "port"),
            ("redis://[::1]6379", "port"),
            ("redis://::1:6379", "has no host"),
            ("redis://2001:db8::1", "stands in `[` and `]`"),
            ("redis://[::1", "without `]`"),
            ("redis://[canary]", "no IPv6 address"),
            ("redis://can ary", "host with something other"),
            ("redis://canary,other", "host with something other"),
            ("redis://a..b", "host with something other"),
            ("redis://canary/db", "not the number of a database"),
            ("redis://canary/-1", "not the number of a database"),
            ("redis://canary/0/1", "not the number of a database"),
            ("redis://canary/0?ssl=true", "has a query"),
            ("redis://user:can?ary@host", "%3F"),
            ("redis://user:can#ary@host", "%23"),
            ("redis://user:can/ary@host", "%2F"),
            ("redis://user:can@ary@host", "%40"),
            ("redis://user:can%ary@host", "%25"),
            ("redis://user:%ff@host", "%25"),
            ("redis://user:@host", "empty password"),
            ("redis://@host", "nothing before its `@`"),
            ("unix:run/canary.sock", "no absolute path"),
            ("unix:", "no absolute path"),
            ("unix:/run/canary.sock?db=1", "has a query"),
        ] {
            let problem = StoreUrl::parse(text).expect_err(text);
            assert!(problem.contains(words) && !problem.contains("canary"), "{text}: {problem}");
        }
    }

    #[test]
    fn what_leaves_the_machine_in_clear_is_known() {
        for (text, is_readable) in [
            ("redis://localhost", false),
            ("redis://127.8.0.1", false),
            ("redis://[::1]", false),
            ("redis://redis.localhost", false),
            ("unix:/run/redis.sock", false),
            ("rediss://cache.example.com", false),
            ("redis://10.0.0.7", true),
            ("valkey://cache", true),
            ("redis://localhost.example.com", true),
        ] {
            let address = StoreUrl::parse(text).unwrap().address;
            assert_eq!(address.is_readable_on_the_way(), is_readable, "{text}");
        }
    }
}
