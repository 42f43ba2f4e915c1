//! A mounted route, and who gets through to its handler.

use std::fmt;

use rocket::Route;
use rocket::http::Method;

use super::access::Access;

/// A mounted route, and who gets through to its handler. Its `Display` is a line such as
/// `GET /posts/<id>: a person: group "admin"`.
#[derive(Debug, Clone)]
pub struct MappedRoute<'r> {
    pub(super) route: &'r Route,
    pub(super) access: Access,
}

impl<'r> MappedRoute<'r> {
    /// Its method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.route.method
    }

    /// Its URI with the base that it is mounted at, such as `/posts/<id>`.
    #[must_use]
    pub fn uri(&self) -> &'r str {
        self.route.uri.as_str()
    }

    /// Its name, which for a handler is that of the function.
    #[must_use]
    pub fn name(&self) -> Option<&'r str> {
        self.route.name.as_deref()
    }

    /// Who gets through to its handler.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The route itself, with rank and format.
    #[must_use]
    pub fn route(&self) -> &'r Route {
        self.route
    }

    /// Its URI, with what else makes it differ from others: rank and format, as in Rocket's log.
    pub(super) fn place(&self) -> String {
        let rank = if self.route.rank > 1 { format!(" [{}]", self.route.rank) } else { String::new() };
        let format = self.route.format.as_ref().map(|format| format!(" {format}")).unwrap_or_default();
        format!("{}{rank}{format}", self.uri())
    }
}

impl fmt::Display for MappedRoute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method(), self.place(), self.access)
    }
}
