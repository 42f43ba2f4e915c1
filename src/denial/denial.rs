//! Why this visitor was refused.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rocket::http::Status;
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::data::DenialData;
use super::html::Sent;
use super::reason::Reason;
use super::row::Row;
use crate::http::LocalPath;
use crate::policy::Rule;

/// Why a guard or a sign-in refused this visitor: a status, a stable code, and texts fit to show.
///
/// The texts are fixed, but for the header and the kind of token that this app asks for: they repeat nothing that the
/// visitor or the pool sent, and tell nobody which check a forged token failed.
///
#[doc = include_str!("../../docs/denials.md")]
///
/// [`Fresh`]: crate::policy::Fresh
/// [`rule`]: Self::rule
/// [`Callback`]: crate::Callback
///
/// # Example
/// ```rust
/// use rocket::{Request, catch};
/// use rocket_cognito::Denial;
///
/// #[catch(403)]
/// fn forbidden(request: &Request<'_>) -> String {
///     match Denial::of(request) {
///         Some(denial) => denial.message().to_owned(),
///         None => "This is not for you.".to_owned(),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Denial {
    shared: Arc<Shared>,
    /// Whether [`Denial::forbidden`] made it, without app and request.
    is_without_request: bool,
}

struct Shared {
    data: DenialData,
    /// Made when something asks for them: most refusals end without.
    login_path: OnceLock<String>,
    hint: OnceLock<String>,
}

impl Denial {
    /// Refuses somebody who is signed in because a `rule` is not met: 403 `rule_not_met`, for handlers and for what they
    /// call. A guard of your own hands it to [`Denial::refuse`].
    ///
    /// A handler that returns it answers as a guard's refusal does: by the app's catcher for 403, where there is one, or
    /// else as the ready [`catchers`](crate::catchers) do. [`Denial::of`] finds it there, and in response fairings. It is
    /// not for catchers, which return the denial of [`Denial::of`]: Rocket would take it for a failure of theirs.
    ///
    /// Until it is returned, it knows status, code, texts and [`rule`](Self::rule), but nothing of app and request:
    /// [`login_path`](Self::login_path) is empty, and [`next`](Self::next) is `None`.
    ///
    /// The rule may name what the visitor has typed: the ready answers do not show it, and a page of yours escapes it. In
    /// [disabled mode](crate#disabled-mode) guards let everybody pass, and an `if` of yours does not know of it: give the
    /// stub user what it asks for, such as `disabled_user = { groups = ["team-blue"] }`.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{get, post};
    /// use rocket_cognito::policy::Rule;
    /// use rocket_cognito::{CognitoUser, Denial};
    ///
    /// /// A group that follows from the path.
    /// fn member_of(user: &CognitoUser, team: &str) -> Result<(), Denial> {
    ///     let group = format!("team-{team}");
    ///     if user.groups().contains(&group) { Ok(()) } else { Err(Denial::forbidden(Rule::group(group))) }
    /// }
    ///
    /// #[get("/teams/<team>")]
    /// fn page(user: CognitoUser, team: &str) -> Result<String, Denial> {
    ///     member_of(&user, team)?;
    ///     Ok(format!("{}, this is team {team}", user.username()))
    /// }
    ///
    /// # struct Post { author: String }
    /// # fn find(_: u32) -> Option<Post> { None }
    /// #[post("/posts/<id>")]
    /// fn edit(user: CognitoUser, id: u32) -> Result<Option<String>, Denial> {
    ///     let Some(post) = find(id) else { return Ok(None) };
    ///     if post.author != user.sub() {
    ///         return Err(Denial::forbidden(Rule::named("its author")));
    ///     }
    ///     Ok(Some("Saved.".to_owned()))
    /// }
    /// ```
    #[must_use]
    pub fn forbidden(rule: Rule) -> Self {
        let denial = Denial::new(DenialData {
            reason: Reason::RuleNotMet,
            rule: Some(rule),
            links: Arc::default(),
            next: None,
            resume_url: None,
            begins_again: false,
            pool_error: None,
            is_form: false,
            rest: None,
            sent: Sent::Nothing,
            is_of_program: true,
            can_reload: false,
        });
        Denial { is_without_request: true, ..denial }
    }

    pub(crate) fn new(data: DenialData) -> Self {
        let shared = Shared { data, login_path: OnceLock::new(), hint: OnceLock::new() };
        Denial { shared: Arc::new(shared), is_without_request: false }
    }

    /// Whether both are one refusal, of one request.
    pub(crate) fn is_same(&self, other: &Denial) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Whether it is [`Denial::forbidden`]'s, and knows nothing of app and request.
    pub(crate) fn is_without_request(&self) -> bool {
        self.is_without_request
    }

    fn data(&self) -> &DenialData {
        &self.shared.data
    }

    pub(crate) fn reason(&self) -> Reason {
        self.data().reason
    }

    fn row(&self) -> &'static Row {
        self.data().reason.row()
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> Status {
        self.row().status
    }

    /// A stable name for programs, as in the [table](Self#codes).
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().code
    }

    /// A heading for a page.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.row().title
    }

    /// What happened, in one sentence for the visitor.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.row().message
    }

    /// What the visitor can do about it: words for whoever asks for HTML, and for programs, such as which header to
    /// send.
    #[must_use]
    pub fn hint(&self) -> &str {
        let DenialData { links, is_of_program, is_form, .. } = self.data();
        if *is_form && self.asks_for_sign_in() {
            return "Sign in to go on. Your browser’s “back” returns to the form, and mostly keeps what you typed.";
        }
        let hint = self.row().program_hint.filter(|_| *is_of_program).unwrap_or(self.row().hint);
        self.shared.hint.get_or_init(|| links.fill_in(hint, self.retry_after()))
    }

    /// What the pool answered instead of a code: the parameter `error` of the callback (RFC 6749 section 4.1.2.1), such
    /// as `access_denied`, or `invalid_request` where a trigger has refused the sign-in. `None` for every denial that is
    /// not the pool's. At most 128 bytes.
    ///
    /// The text comes by way of the browser: escape it, and compare it rather than show it.
    ///
    /// # Example
    /// ```rust
    /// use rocket::{Request, catch};
    /// use rocket_cognito::Denial;
    ///
    /// #[catch(400)]
    /// fn refused(request: &Request<'_>) -> &'static str {
    ///     let description = Denial::of(request).and_then(|denial| denial.pool_error_description().map(str::to_owned));
    ///     match description {
    ///         Some(text) if text.starts_with("PreSignUp failed with error ") => "Ask your team for an invitation first.",
    ///         _ => "The sign-in was not completed.",
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn pool_error(&self) -> Option<&str> {
        self.data().pool_error.as_ref().map(|error| error.error.as_str())
    }

    /// The parameter `error_description` beside [`pool_error`](Self::pool_error), such as `PreSignUp failed with error …`
    /// with the words of the trigger. At most 1024 bytes, and as little to be trusted.
    #[must_use]
    pub fn pool_error_description(&self) -> Option<&str> {
        self.data().pool_error.as_ref()?.description.as_deref()
    }

    /// The rule that was not met. It names groups and scopes: show it to people who may know them.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule> {
        self.data().rule.as_ref()
    }

    /// Where the sign-in was to lead: a path of this site as browsers see it; `None` where that is not known.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.data().next.as_ref().map(LocalPath::as_str)
    }

    /// The path that begins a sign-in, for a link; it leads to where a failed sign-in was to lead. That of the mounted
    /// login route, or the setting `login_path`; for `login_too_old` it asks for a fresh sign-in, for `level_too_low` for
    /// a stronger one. Empty in an app where nobody signs in.
    ///
    /// When a callback answers `login_too_old`, the sign-in has begun again already: then this is the URL of Cognito's
    /// sign-out, where it goes on.
    #[must_use]
    pub fn login_path(&self) -> &str {
        self.resume_url()
            .unwrap_or_else(|| self.shared.login_path.get_or_init(|| self.login_path_with(self.next())))
    }

    /// Where the sign-in goes on that has begun again already.
    pub(crate) fn resume_url(&self) -> Option<&str> {
        self.data().resume_url.as_deref()
    }

    /// Whether the visitor's browser is to begin the sign-in again by itself, at [`login_path`](Self::login_path).
    pub(crate) fn begins_again(&self) -> bool {
        self.data().begins_again
    }

    /// The app's first page, for a link.
    pub(crate) fn home_path(&self) -> &str {
        &self.data().links.home
    }

    /// The path that begins a sign-in which leads to `next`.
    pub(crate) fn login_path_to(&self, next: Option<&LocalPath>) -> String {
        self.login_path_with(next.map(LocalPath::as_str))
    }

    fn login_path_with(&self, next: Option<&str>) -> String {
        let challenge = self.row().challenge;
        let asked_for = challenge.map(|challenge| challenge.sign_in_asked_for(self.rule()));
        self.data().links.login_path(next, asked_for.unwrap_or_default(), self.begins_again())
    }

    /// What a page offers to do, as HTML.
    pub(crate) fn next_step_html(&self) -> String {
        let DenialData { links, sent, can_reload, .. } = self.data();
        self.row().next_step.html(links, *sent, *can_reload, || self.login_path())
    }

    /// When to try again, in seconds: not before the pool is asked again, where it is left alone until then.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        let usual = self.row().retry_after?;
        let rest = self.data().rest.map(|rest| rest.as_secs() + u64::from(rest.subsec_nanos() > 0));
        Some(rest.map_or(usual, |seconds| seconds.max(1)))
    }

    /// Whether signing in, or signing in again, is the next step.
    pub(crate) fn asks_for_sign_in(&self) -> bool {
        self.row().asks_for_sign_in
    }

    /// Whether [`OrForward`](crate::OrForward) passes the request on.
    pub(crate) fn is_forwarded(&self) -> bool {
        self.reason().is_forwarded()
    }

    /// What a 405 answer allows.
    pub(crate) fn allowed_method(&self) -> Option<&'static str> {
        self.row().allow
    }

    /// The value of `WWW-Authenticate`.
    pub(crate) fn challenge(&self) -> Option<String> {
        let links = &self.data().links;
        self.row().challenge?.text(&links.scheme, self.rule(), &links.level_names)
    }
}

/// Rocket logs this line for a failed guard.
impl fmt::Debug for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        self.rule().map_or(Ok(()), |rule| write!(f, ": needs {rule}"))
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Denial {}

/// `status`, `code`, `title`, `message`, `hint`, `home_path` and, as HTML, `way_on`, for templates.
impl Serialize for Denial {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut denial = serializer.serialize_struct("Denial", 7)?;
        denial.serialize_field("status", &self.status().code)?;
        denial.serialize_field("code", self.code())?;
        denial.serialize_field("title", self.title())?;
        denial.serialize_field("message", self.message())?;
        denial.serialize_field("hint", self.hint())?;
        denial.serialize_field("way_on", &self.next_step_html())?;
        denial.serialize_field("home_path", self.home_path())?;
        denial.end()
    }
}

/// Lets Rocket look past an alias of `Result<G, Denial>` at the sentinel of `G`.
impl Sentinel for Denial {
    fn abort(_: &Rocket<Ignite>) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code and status of each line of the documentation's table.
    fn documented() -> Vec<(&'static str, u16)> {
        let lines = include_str!("../../docs/denials.md").lines();
        let rows = lines.filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        rows.map(|(code, rest)| (code, rest.split(' ').next().unwrap().parse().unwrap())).collect()
    }

    #[test]
    fn the_documentation_has_each_code_once_in_the_order_of_the_table() {
        let rows = Reason::ALL.iter().map(|reason| reason.row());
        let mut codes: Vec<_> = rows.map(|row| (row.code, row.status.code)).collect();
        codes.dedup();
        assert_eq!(documented(), codes);
    }

    /// RFC 9110 sections 15.5.2 and 15.5.6.
    #[test]
    fn a_401_has_a_challenge_and_only_a_405_names_a_method() {
        for reason in Reason::ALL {
            let row = reason.row();
            assert!(row.status != Status::Unauthorized || row.challenge.is_some(), "{reason:?}");
            assert_eq!(row.status == Status::MethodNotAllowed, row.allow.is_some(), "{reason:?}");
            assert!(!row.asks_for_sign_in || row.status == Status::Unauthorized, "{reason:?}");
        }
    }
}
