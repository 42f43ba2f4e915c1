//! Hosts, as URLs and requests name them.

/// The hosts on which plain `http` never leaves the machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}
