//! The address of a store.

use std::fmt;
use std::path::PathBuf;

/// The address of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreAddress {
    /// A host, which is resolved at each connect.
    Tcp {
        host: String,
        port: u16,
        tls: bool,
    },
    Unix(PathBuf),
}

impl StoreAddress {
    /// Reads `redis://host:port` and the like.
    pub(in crate::config) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Ok(StoreAddress::Unix(path.into()));
        }
        let (scheme, rest) = text.split_once("://").ok_or("has no scheme")?;
        let tls = matches!(scheme, "rediss" | "valkeys");
        let (host, port) = rest.trim_end_matches('/').rsplit_once(':').unwrap_or((rest, "6379"));
        let port = port.parse().map_err(|_| "has no port")?;
        Ok(StoreAddress::Tcp { host: host.to_owned(), port, tls })
    }
}

/// As in logs: without a scheme.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreAddress::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            StoreAddress::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            StoreAddress::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}
