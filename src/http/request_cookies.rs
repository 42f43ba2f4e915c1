//! The cookies that a browser sent, by their exact names.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use memchr::{memchr, memchr_iter};
use rocket::Request;
use rocket::http::RawStr;

/// Where this crate's cookies stand in one request.
///
/// Rocket's own jar percent-decodes names and trims Unicode spaces: `%5F%5FHost-x`, which any neighbouring
/// host may set, would stand for `__Host-x`, which only this one may. Here a name is its bytes.
///
/// It borrows nothing, so that one request is parsed once; [`of`](Self::of) joins it with the request's text again.
#[derive(Default)]
pub(crate) struct RequestCookies {
    /// A copy of the text, where it does not stand in exactly one `Cookie` header.
    joined: Option<String>,
    /// Few: each name once.
    entries: Vec<Entry>,
}

struct Entry {
    name: Range<usize>,
    /// `None`: sent twice with different values, so that nobody can say which one is this app's.
    value: Option<Value>,
}

struct Value {
    text: Range<usize>,
    /// Percent-encoded, as Rocket writes `=`.
    is_encoded: bool,
    /// Found out when something asks for it: most sealed cookies stay sealed.
    decoded: OnceLock<Option<String>>,
}

/// This crate's cookies in one request.
#[derive(Clone, Copy)]
pub(crate) struct SentCookies<'r> {
    text: &'r str,
    entries: &'r [Entry],
}

impl RequestCookies {
    /// Finds the cookies of `request` whose names are `ours`. Only names that begin as `may_be` says are looked at.
    pub(crate) fn parse(
        request: &Request<'_>,
        may_be: impl Fn(&str) -> bool,
        mut ours: impl FnMut(&str) -> bool,
    ) -> Self {
        let mut headers = request.headers().get("Cookie");
        let Some(first) = headers.next() else { return RequestCookies::of_jar(request, ours) };
        let rest: Vec<&str> = headers.collect();
        let joined = (!rest.is_empty()).then(|| [&[first], rest.as_slice()].concat().join(";"));
        let text = joined.as_deref().unwrap_or(first);
        let mut found = RequestCookies::default();
        for (start, piece) in split(text) {
            // Most are others', and are to cost next to nothing.
            let pair = piece.trim_start_matches([' ', '\t']);
            if !may_be(pair) {
                continue;
            }
            let Some((name, value)) = pair.trim_end_matches([' ', '\t']).split_once('=') else { continue };
            if ours(name) {
                let start = start + piece.len() - pair.len();
                let is_encoded = memchr(b'%', value.as_bytes()).is_some();
                found.insert(text, start, name, value, is_encoded);
            }
        }
        found.joined = joined;
        found
    }

    /// Rocket's local client fills the jar alone; over HTTP the jar is empty without the header.
    fn of_jar(request: &Request<'_>, mut ours: impl FnMut(&str) -> bool) -> Self {
        let (mut found, mut text) = (RequestCookies::default(), String::new());
        for cookie in request.cookies().iter().filter(|cookie| ours(cookie.name())) {
            let start = text.len();
            text.extend([cookie.name(), "=", cookie.value()]);
            found.insert(&text, start, cookie.name(), cookie.value(), false);
        }
        found.joined = Some(text);
        found
    }

    /// Notes a cookie whose name stands at `start` of the text, and its value behind the `=` after that.
    fn insert(&mut self, text: &str, start: usize, name: &str, value: &str, is_encoded: bool) {
        let end = start + name.len();
        let text_of_value = end + 1..end + 1 + value.len();
        let value = Value { text: text_of_value, is_encoded, decoded: OnceLock::new() };
        if !value.is_text(text) {
            return;
        }
        match self.entries.iter_mut().find(|known| text.get(known.name.clone()) == Some(name)) {
            Some(known) if known.value.as_ref().and_then(|it| it.get(text)) != value.get(text) => {
                known.value = None;
            }
            Some(_) => {}
            None => self.entries.push(Entry { name: start..end, value: Some(value) }),
        }
    }

    /// The cookies, with the text of the `request` that they were parsed from.
    pub(crate) fn of<'r>(&'r self, request: &'r Request<'_>) -> SentCookies<'r> {
        let header = || request.headers().get_one("Cookie").unwrap_or_default();
        SentCookies { text: self.joined.as_deref().unwrap_or_else(header), entries: &self.entries }
    }
}

impl Value {
    /// Whether it is UTF-8 once it is decoded.
    fn is_text(&self, text: &str) -> bool {
        let bytes = text.get(self.text.clone()).unwrap_or_default().as_bytes();
        // What is encoded is ASCII mostly, as its first digit tells.
        let is_ascii = |at| bytes.get(at + 1).is_none_or(|digit: &u8| *digit < b'8');
        !self.is_encoded || memchr_iter(b'%', bytes).all(is_ascii) || self.get(text).is_some()
    }

    fn get<'s>(&'s self, text: &'s str) -> Option<&'s str> {
        let raw = text.get(self.text.clone())?;
        if !self.is_encoded {
            return Some(raw);
        }
        let decode = || RawStr::new(raw).percent_decode().ok().map(Cow::into_owned);
        self.decoded.get_or_init(decode).as_deref()
    }
}

impl<'r> SentCookies<'r> {
    /// The cookie whose name `is_it`.
    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&'r Entry> {
        let text = self.text;
        self.entries.iter().find(|entry| text.get(entry.name.clone()).is_some_and(&is_it))
    }

    /// The value of the cookie whose name `is_it`; `None` where there are two.
    pub(crate) fn get(&self, is_it: impl Fn(&str) -> bool) -> Option<&'r str> {
        self.find(is_it)?.value.as_ref()?.get(self.text)
    }

    /// Whether the cookie was sent with different values.
    pub(crate) fn is_in_doubt(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.find(is_it).is_some_and(|entry| entry.value.is_none())
    }

    /// Whether the cookie was sent.
    pub(crate) fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.find(is_it).is_some()
    }

    /// Names and values; no value where there were two.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (&'r str, Option<&'r str>)> {
        let text = self.text;
        self.entries.iter().map(move |entry| {
            let value = entry.value.as_ref().and_then(|value| value.get(text));
            (text.get(entry.name.clone()).unwrap_or_default(), value)
        })
    }
}

/// What stands between the semicolons, and where.
fn split(header: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends = memchr_iter(b';', header.as_bytes()).chain([header.len()]);
    let mut start = 0;
    ends.filter_map(move |end| {
        let from = std::mem::replace(&mut start, end + 1);
        Some((from, header.get(from..end)?))
    })
}
