//! Why a call got no answer.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

/// Why no answer came. The texts name no URL: it could carry a code or a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HttpError {
    /// Nobody listens there: nothing was sent.
    Refused,
    /// Its certificate does not hold, or it does not speak TLS.
    Tls,
    Connect,
    /// The call went through `http_proxy`, and it is unknown which of both is at fault.
    Proxy,
    Timeout,
    TooLarge,
    Broken,
    /// The pool is that of a test.
    #[cfg(feature = "testing")]
    TestPool,
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return HttpError::Timeout;
        }
        if !error.is_connect() {
            return HttpError::Broken;
        }
        match io_kind(&error) {
            Some(ErrorKind::ConnectionRefused) => HttpError::Refused,
            // So rustls reports whatever it does not accept.
            Some(ErrorKind::InvalidData) => HttpError::Tls,
            _ => HttpError::Connect,
        }
    }
}

/// What the system, or rustls, calls the cause.
fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(outer) = error.downcast_ref::<io::Error>() {
            // hyper-rustls wraps one in another, which `source` passes over.
            let inner = outer.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
            return Some(inner.unwrap_or(outer).kind());
        }
        cause = error.source();
    }
    None
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HttpError::Refused | HttpError::Connect => "it could not be reached",
            HttpError::Proxy => {
                "it could not be reached through `http_proxy`: check its address, user name and password, and that it \
                 lets such calls through"
            }
            HttpError::Tls => {
                "its TLS certificate does not hold, or it does not speak TLS; the system's root certificates decide, or \
                 those that SSL_CERT_FILE names"
            }
            HttpError::Timeout => "it did not answer in time",
            HttpError::TooLarge => "its answer was too large",
            HttpError::Broken => "its answer was broken off or not HTTP",
            #[cfg(feature = "testing")]
            HttpError::TestPool => "a `TestPool` has nobody to call",
        })
    }
}
