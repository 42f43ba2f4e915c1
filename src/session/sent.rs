//! The cookies that a browser sent, by their exact names.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};
use rocket::Request;
use rocket::http::RawStr;

/// Our cookies in one request.
///
/// Rocket's own jar percent-decodes names and trims Unicode spaces: `%5F%5FHost-x`, which any neighbouring
/// host may set, would stand for `__Host-x`, which only this one may. Here a name is its bytes.
pub(crate) struct SentCookies<'r> {
    /// Few: each name once. `None`: sent twice with different values, so that nobody can say which one is ours.
    cookies: Vec<(&'r str, Option<Cow<'r, str>>)>,
}

impl<'r> SentCookies<'r> {
    /// The cookies of `request` whose names are `ours`, as only those can be that begin as `may_be` says.
    pub(super) fn of(
        request: &'r Request<'_>,
        may_be: impl Fn(&str) -> bool,
        mut ours: impl FnMut(&str) -> bool,
    ) -> Self {
        let mut sent = SentCookies { cookies: Vec::new() };
        let mut headers = request.headers().get("Cookie").peekable();
        if headers.peek().is_some() {
            let pairs = headers.flat_map(split);
            // Most are others', and are to cost next to nothing.
            let pairs = pairs.map(|pair| pair.trim_start_matches([' ', '\t'])).filter(|pair| may_be(pair));
            let pairs = pairs.filter_map(|pair| pair.trim_end_matches([' ', '\t']).split_once('='));
            for (name, value) in pairs.filter(|(name, _)| ours(name)) {
                // A value may have come back percent-encoded, as Rocket writes `=`.
                if memchr(b'%', value.as_bytes()).is_none() {
                    sent.insert(name, value.into());
                } else if let Ok(value) = RawStr::new(value).percent_decode() {
                    sent.insert(name, value);
                }
            }
        } else {
            // Rocket's local client fills the jar alone; over HTTP the jar is empty without the header.
            for cookie in request.cookies().iter().filter(|cookie| ours(cookie.name())) {
                sent.insert(cookie.name(), cookie.value().into());
            }
        }
        sent
    }

    fn insert(&mut self, name: &'r str, value: Cow<'r, str>) {
        match self.cookies.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.as_deref() != Some(&*value) => *known = None,
            Some(_) => {}
            None => self.cookies.push((name, Some(value))),
        }
    }

    /// The cookie whose name `is_it`.
    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&Option<Cow<'r, str>>> {
        self.cookies.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value)
    }

    pub(super) fn get(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        self.find(is_it)?.as_deref()
    }

    /// Whether the cookie was sent with different values.
    pub(super) fn is_in_doubt(&self, is_it: impl Fn(&str) -> bool) -> bool {
        matches!(self.find(is_it), Some(None))
    }

    pub(super) fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.find(is_it).is_some()
    }

    /// Names and values; no value where there were two.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.cookies.iter().map(|(name, value)| (*name, value.as_deref()))
    }
}

/// What stands between the semicolons.
fn split(header: &str) -> impl Iterator<Item = &str> {
    let ends = memchr_iter(b';', header.as_bytes()).chain([header.len()]);
    let mut start = 0;
    ends.filter_map(move |end| header.get(std::mem::replace(&mut start, end + 1)..end))
}
