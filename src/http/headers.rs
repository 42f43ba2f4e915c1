//! Headers of requests and answers.

use rocket::http::HeaderMap;

/// Whether there is a header with this name. They are few: to look at all of them is quicker than to hash the name.
pub(crate) fn has(headers: &HeaderMap<'_>, name: &str) -> bool {
    headers.iter().any(|header| header.name == *name)
}

/// The values of such a header.
pub(crate) fn values<'h>(headers: &'h HeaderMap<'_>, name: &'h str) -> impl Iterator<Item = &'h str> {
    Some(name).filter(|name| has(headers, name)).into_iter().flat_map(|name| headers.get(name))
}

/// The header `name`, which proves nothing when it is there twice.
pub(crate) fn only<'h>(headers: &'h HeaderMap<'_>, name: &str) -> Option<&'h str> {
    let mut values = headers.get(name);
    values.next().filter(|_| values.next().is_none())
}
