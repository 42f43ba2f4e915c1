//! Where the pages of denials lead, and what the hints of denials say to send.

use rocket::http::RawStr;

use super::challenge::SignInAskedFor;
use crate::config::LevelNames;

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
    /// The pool's names for levels of sign-in, which challenges name.
    pub(crate) level_names: LevelNames,
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
            level_names: LevelNames::default(),
            token_header: "Authorization: Bearer <access token>".into(),
            token_kind: "an access token and not an ID token",
        }
    }
}

impl Links {
    /// The path that begins a sign-in as it is `asked_for`, which leads to `next`. `again`: in place of one that was not
    /// recognised.
    pub(super) fn login_path(&self, next: Option<&str>, asked_for: SignInAskedFor, again: bool) -> String {
        let next = next.map(|next| format!("next={}", RawStr::new(next).percent_encode()));
        let level = asked_for.level.map(|level| format!("level={level}"));
        let fresh = asked_for.max_age.map(|seconds| format!("prompt=login&max_age={seconds}"));
        let again = again.then(|| format!("{AGAIN}=1"));
        let query: Vec<_> = [next, level, fresh, again].into_iter().flatten().collect();
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
