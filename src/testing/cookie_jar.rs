//! What a browser keeps of a session.

use rocket::http::Cookie;

use crate::clock::UnixSeconds;

/// The cookies of one session, for as long as a browser keeps them.
#[derive(Default)]
pub(super) struct CookieJar(Vec<Kept>);

struct Kept {
    name: String,
    /// The value as a request sends it.
    value: String,
    /// `None`: for as long as the browser runs.
    until: Option<UnixSeconds>,
}

impl CookieJar {
    /// Takes a cookie of an answer that came `now`; one without an age that lasts removes what was there.
    pub(super) fn take(&mut self, cookie: &Cookie<'_>, now: UnixSeconds) {
        self.0.retain(|kept| kept.name != cookie.name());
        let age = cookie.max_age().map(|age| u64::try_from(age.whole_seconds()).unwrap_or_default());
        if age != Some(0) {
            let (name, value) = (cookie.name().to_owned(), cookie.value().to_owned());
            self.0.push(Kept { name, value, until: age.map(|age| now.plus(age)) });
        }
    }

    /// Takes a cookie and keeps it, however short it is to last.
    pub(super) fn take_for_good(&mut self, cookie: &Cookie<'_>) {
        self.0.retain(|kept| kept.name != cookie.name());
        if !cookie.value().is_empty() {
            let (name, value) = (cookie.name().to_owned(), cookie.value().to_owned());
            self.0.push(Kept { name, value, until: None });
        }
    }

    /// Lets cookies that are to last `seconds` at most be as old as if they had come at `begun_at`.
    pub(super) fn age(&mut self, begun_at: UnixSeconds, seconds: u64, now: UnixSeconds) {
        for until in self.0.iter_mut().filter_map(|kept| kept.until.as_mut()) {
            if until.since(now) <= seconds {
                *until = (*until).min(begun_at.plus(seconds));
            }
        }
    }

    /// What the browser sends `now`, as names and values.
    pub(super) fn sent(&self, now: UnixSeconds) -> Vec<(String, String)> {
        let kept = self.0.iter().filter(|kept| kept.until.is_none_or(|until| until > now));
        kept.map(|kept| (kept.name.clone(), kept.value.clone())).collect()
    }
}
