//! Where the pages of denials lead.

use rocket::http::RawStr;

/// What all denials of an app point to.
pub(crate) struct Links {
    /// The paths of first page, sign-in and sign-out, as browsers see them; empty where there is none.
    pub(crate) home: String,
    pub(crate) login: String,
    pub(crate) logout: String,
    /// The scheme of challenges (RFC 9110 section 11.1).
    pub(crate) scheme: String,
}

/// The links of an app without the fairing.
impl Default for Links {
    fn default() -> Self {
        Links { home: "/".into(), login: String::new(), logout: String::new(), scheme: "Bearer".into() }
    }
}

impl Links {
    /// The path that begins a sign-in which leads to `next`; with `max_age`, one at most so many seconds old. `again`: in
    /// place of one that was not recognised.
    pub(super) fn login_path(&self, next: Option<&str>, max_age: Option<u64>, again: bool) -> String {
        let next = next.map(|next| format!("next={}", RawStr::new(next).percent_encode()));
        let fresh = max_age.map(|seconds| format!("prompt=login&max_age={seconds}"));
        let query: Vec<_> =
            next.into_iter().chain(fresh).chain(again.then(|| "again=1".to_owned())).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.login, query.join("&"))
    }
}
