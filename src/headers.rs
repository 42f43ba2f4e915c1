//! Headers of requests and answers.

use rocket::http::HeaderMap;

/// Whether there is a header with this name. They are few: to look at all of them is quicker than to hash the name.
pub(crate) fn has(headers: &HeaderMap<'_>, name: &str) -> bool {
    headers.iter().any(|header| header.name == *name)
}
