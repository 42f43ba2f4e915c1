//! Where a pool is: the address that it listens at, its names, and its URL for browsers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::{PlainHttp, TableMistake, is_container_host, origin_url};

/// Where a pool of this `address` listens, once that is checked: on loopback without one.
pub(super) fn ip(address: Option<&str>) -> IpAddr {
    address.and_then(|address| address.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Where this machine reaches what listens at `ip`: loopback, where that is everywhere.
pub(in crate::local_pool) fn reachable_ip(ip: IpAddr) -> IpAddr {
    match ip {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// The URL of what listens at `ip`, for this machine.
pub(super) fn server_url(ip: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(reachable_ip(ip), port))
}

/// What nobody can listen at, or reach. `public` says where browsers may be led by plain `http`; an app leads them to https
/// or to loopback.
pub(super) fn mistakes(
    address: Option<&str>,
    hosts: &[String],
    public_url: Option<&str>,
    public: PlainHttp,
) -> Vec<TableMistake> {
    let mut mistakes = Vec::new();
    match address.map(|address| (address, address.parse::<IpAddr>())) {
        Some((address, Err(_))) => {
            let problem = format!("{address:?} is no IP address, such as 0.0.0.0 for all of this machine");
            mistakes.push(TableMistake::new("address", problem));
        }
        Some((_, Ok(ip))) if public == PlainHttp::Loopback && public_url.is_none() && !is_loopback(ip) => {
            let problem =
                "needs a `public_url` beside it, https or on loopback, where browsers reach it; or 0.0.0.0";
            mistakes.push(TableMistake::new("address", problem));
        }
        _ => {}
    }
    for host in hosts.iter().filter(|host| !is_container_host(host)) {
        let rule = "is no name of a host in lower case and without scheme or port, such as \"pool\"";
        mistakes.push(TableMistake::new("hosts", format!("{host:?} {rule}")));
    }
    if let Some(Err(problem)) = public_url.map(|url| origin_url(url, public)) {
        let problem = format!("{problem}; it should look like \"http://localhost:9400\"");
        mistakes.push(TableMistake::new("public_url", problem));
    }
    mistakes
}

/// Whether browsers of this machine reach what listens at `ip` under a name of loopback, to which apps lead them by `http`.
fn is_loopback(ip: IpAddr) -> bool {
    crate::http::is_loopback(&match reachable_ip(ip) {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    })
}
