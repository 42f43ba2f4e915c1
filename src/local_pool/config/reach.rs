//! Where a pool is: the address that it listens at, its names, and its URL for browsers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::config::{PlainHttp, TableMistake, is_host, origin_url};

/// Where a pool of this `address` listens, once that is checked: on loopback without one.
pub(super) fn ip(address: Option<&str>) -> IpAddr {
    address.and_then(|address| address.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The URL without a slash at its end. Other programs than apps of this crate may take plain `http` at any host.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    origin_url(text, PlainHttp::AnyHost)
}

/// What keeps it from being an app's own pool: browsers are sent to https, or to loopback.
pub(super) fn mistake_in_app(ip: IpAddr, public_url: Option<&str>) -> Option<TableMistake> {
    let is_on_loopback = ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST || ip == Ipv6Addr::LOCALHOST;
    match public_url.map(|url| origin_url(url, PlainHttp::Loopback)) {
        Some(Err(problem)) => Some(TableMistake::new("public_url", problem)),
        None if !is_on_loopback => {
            let problem =
                "needs a `public_url` beside it, https or on loopback, where browsers reach it; or 0.0.0.0";
            Some(TableMistake::new("address", problem))
        }
        _ => None,
    }
}

/// What nobody can listen at, or reach.
pub(super) fn mistakes(
    address: Option<&str>,
    hosts: &[String],
    public_url: Option<&str>,
) -> Vec<TableMistake> {
    let mut mistakes = Vec::new();
    if let Some(address) = address.filter(|address| address.parse::<IpAddr>().is_err()) {
        let problem = format!("{address:?} is no IP address, such as 0.0.0.0 for all of this machine");
        mistakes.push(TableMistake::new("address", problem));
    }
    for host in hosts.iter().filter(|host| !is_host(host)) {
        let rule = "is no name of a host in lower case and without port, such as \"pool\"";
        mistakes.push(TableMistake::new("hosts", format!("{host:?} {rule}")));
    }
    if let Some(Err(problem)) = public_url.map(self::public_url) {
        let problem = format!("{problem}; it should look like \"http://localhost:9400\"");
        mistakes.push(TableMistake::new("public_url", problem));
    }
    mistakes
}
