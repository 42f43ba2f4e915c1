//! Where the pages of denials lead, and what the hints of denials say to send.

use rocket::http::RawStr;

/// Marks a sign-in that takes the place of one whose callback was not recognised: a parameter of the login route.
pub(crate) const AGAIN: &str = "again";

/// What all denials of an app point to.
pub(crate) struct Links {
    /// The paths of first page, sign-in and sign-out, as browsers see them; empty where there is none.
    pub(crate) home: String,
    pub(crate) login: String,
    pub(crate) logout: String,
    /// The scheme of challenges (RFC 9110 section 11.1).
    pub(crate) scheme: String,
    /// The header that carries a token, and what stands in it, as in `Authorization: Bearer <access token>`.
    pub(crate) token_header: String,
    /// The kind of token that counts there, in words.
    pub(crate) token_kind: &'static str,
}

/// The links of an app without the fairing.
impl Default for Links {
    fn default() -> Self {
        Links {
            home: "/".into(),
            login: String::new(),
            logout: String::new(),
            scheme: "Bearer".into(),
            token_header: "Authorization: Bearer <access token>".into(),
            token_kind: "an access token and not an ID token",
        }
    }
}

impl Links {
    /// The path that begins a sign-in which leads to `next`; with `max_age`, one at most so many seconds old. `again`: in
    /// place of one that was not recognised.
    pub(super) fn login_path(&self, next: Option<&str>, max_age: Option<u64>, again: bool) -> String {
        let next = next.map(|next| format!("next={}", RawStr::new(next).percent_encode()));
        let fresh = max_age.map(|seconds| format!("prompt=login&max_age={seconds}"));
        let query: Vec<_> =
            next.into_iter().chain(fresh).chain(again.then(|| format!("{AGAIN}=1"))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.login, query.join("&"))
    }

    /// A hint with this app's own words in it, and the time to wait in seconds.
    pub(super) fn fill_in(&self, hint: &str, wait: Option<u64>) -> String {
        let soon = match wait {
            None | Some(1) => "in a second".to_owned(),
            Some(seconds) => format!("in {seconds} seconds"),
        };
        hint.replace("{header}", &self.token_header)
            .replace("{kind}", self.token_kind)
            .replace("{soon}", &soon)
    }
}
