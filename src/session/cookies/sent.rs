//! The cookies that a browser sent, by their exact names.

use std::borrow::Cow;
use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};
use rocket::Request;
use rocket::http::RawStr;

/// Our cookies in one request.
///
/// Rocket's own jar percent-decodes names and trims Unicode spaces: `%5F%5FHost-x`, which any neighbouring
/// host may set, would stand for `__Host-x`, which only this one may. Here a name is its bytes.
pub(crate) struct SentCookies<'r> {
    /// Few: each name once. `None`: sent twice with different values, so that nobody can say which one is ours.
    cookies: Vec<(&'r str, Option<Value<'r>>)>,
}

/// What a cookie says.
struct Value<'r> {
    text: &'r str,
    /// Percent-encoded, as Rocket writes `=`.
    is_encoded: bool,
    /// Found out when something asks for it: most sealed cookies stay sealed.
    decoded: OnceLock<Option<String>>,
}

impl<'r> Value<'r> {
    fn new(text: &'r str, may_be_encoded: bool) -> Self {
        let is_encoded = may_be_encoded && memchr(b'%', text.as_bytes()).is_some();
        Value { text, is_encoded, decoded: OnceLock::new() }
    }

    /// Whether it is UTF-8 once it is decoded.
    fn is_text(&self) -> bool {
        // What is encoded is ASCII mostly, as its first digit tells.
        let is_ascii = |at| self.text.as_bytes().get(at + 1).is_none_or(|digit| *digit < b'8');
        !self.is_encoded || memchr_iter(b'%', self.text.as_bytes()).all(is_ascii) || self.get().is_some()
    }

    fn get(&self) -> Option<&str> {
        if !self.is_encoded {
            return Some(self.text);
        }
        let decode = || RawStr::new(self.text).percent_decode().ok().map(Cow::into_owned);
        self.decoded.get_or_init(decode).as_deref()
    }
}

impl<'r> SentCookies<'r> {
    /// The cookies of `request` whose names are `ours`, as only those can be that begin as `may_be` says.
    pub(crate) fn of(
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
                let value = Value::new(value, true);
                if value.is_text() {
                    sent.insert(name, value);
                }
            }
        } else {
            // Rocket's local client fills the jar alone; over HTTP the jar is empty without the header.
            for cookie in request.cookies().iter().filter(|cookie| ours(cookie.name())) {
                sent.insert(cookie.name(), Value::new(cookie.value(), false));
            }
        }
        sent
    }

    fn insert(&mut self, name: &'r str, value: Value<'r>) {
        match self.cookies.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.as_ref().and_then(Value::get) != value.get() => *known = None,
            Some(_) => {}
            None => self.cookies.push((name, Some(value))),
        }
    }

    /// The cookie whose name `is_it`.
    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&Option<Value<'r>>> {
        self.cookies.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value)
    }

    pub(crate) fn get(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        self.find(is_it)?.as_ref()?.get()
    }

    /// Whether the cookie was sent with different values.
    pub(crate) fn is_in_doubt(&self, is_it: impl Fn(&str) -> bool) -> bool {
        matches!(self.find(is_it), Some(None))
    }

    pub(crate) fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.find(is_it).is_some()
    }

    /// Names and values; no value where there were two.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.cookies.iter().map(|(name, value)| (*name, value.as_ref().and_then(Value::get)))
    }
}

/// What stands between the semicolons.
fn split(header: &str) -> impl Iterator<Item = &str> {
    let ends = memchr_iter(b';', header.as_bytes()).chain([header.len()]);
    let mut start = 0;
    ends.filter_map(move |end| header.get(std::mem::replace(&mut start, end + 1)..end))
}
