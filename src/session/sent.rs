//! The cookies that a browser sent, by their exact names.

use std::collections::BTreeMap;

use rocket::Request;
use rocket::http::RawStr;

/// Our cookies in one request.
///
/// Rocket's own jar percent-decodes names and trims Unicode spaces: `%5F%5FHost-x`, which any neighbouring
/// host may set, would stand for `__Host-x`, which only this one may. Here a name is its bytes.
pub(crate) struct SentCookies {
    /// `None`: sent twice with different values, so that nobody can say which one is ours.
    values: BTreeMap<String, Option<String>>,
}

impl SentCookies {
    /// The cookies of `request` whose names are `ours`.
    pub(super) fn of(request: &Request<'_>, mut ours: impl FnMut(&str) -> bool) -> Self {
        let mut sent = SentCookies { values: BTreeMap::new() };
        if request.headers().contains("Cookie") {
            let pairs = request.headers().get("Cookie").flat_map(|header| header.split(';'));
            let pairs = pairs.filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
            for (name, value) in pairs.filter(|(name, _)| ours(name)) {
                // A value may have come back percent-encoded, as Rocket writes `=`.
                if let Ok(value) = RawStr::new(value).percent_decode() {
                    sent.insert(name, &value);
                }
            }
        } else {
            // Rocket's local client fills the jar alone; over HTTP the jar is empty without the header.
            for cookie in request.cookies().iter().filter(|cookie| ours(cookie.name())) {
                sent.insert(cookie.name(), cookie.value());
            }
        }
        sent
    }

    fn insert(&mut self, name: &str, value: &str) {
        let known = self.values.entry(name.to_owned()).or_insert_with(|| Some(value.to_owned()));
        if known.as_deref() != Some(value) {
            *known = None;
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    /// Whether the cookie was sent with different values.
    pub(super) fn is_in_doubt(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(None))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Names and values; no value where there were two.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }
}
