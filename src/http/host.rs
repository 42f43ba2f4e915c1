//! Hosts, as URLs and requests name them.

use std::net::Ipv4Addr;

/// The hosts on which plain `http` never leaves the machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

/// Whether nobody on the internet can have this name or address: a name without a dot, as containers have, or one that
/// ends in `.internal`, `.local`, `.localhost` or `.test`; a private, loopback or link-local address (RFC 1918, 6761, 6762,
/// 3927).
pub(crate) fn is_private(host: &str) -> bool {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return address.is_private() || address.is_loopback() || address.is_link_local();
    }
    match host.rsplit_once('.') {
        Some((_, last)) => matches!(last, "internal" | "local" | "localhost" | "test"),
        None => is_loopback(host) || host.bytes().any(|byte| byte.is_ascii_alphabetic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_public_is_not_private() {
        for host in [
            "pool",
            "my_pool",
            "pool-1",
            "pool.internal",
            "a.b.test",
            "mac.local",
            "x.localhost",
            "localhost",
            "[::1]",
            "127.0.0.2",
            "10.0.0.7",
            "172.17.0.2",
            "192.168.1.9",
            "169.254.1.1",
        ] {
            assert!(is_private(host), "{host}");
        }
        for host in [
            "example.com",
            "pool.example.com",
            "internal.com",
            "localhost.example.com",
            "8.8.8.8",
            "172.32.0.1",
            "0.0.0.0",
            "100.64.0.1",
            "2130706433",
            "test.",
            "pool.lan",
        ] {
            assert!(!is_private(host), "{host}");
        }
    }
}
