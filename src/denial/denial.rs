//! Why this visitor was refused.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rocket::http::{RawStr, Status};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::http::is_scope_list;
use crate::policy::Rule;

/// Why a guard or a sign-in refused this visitor: a status, a stable code, and texts fit to show.
///
/// The texts are fixed: they repeat nothing that the visitor or the pool sent, and tell nobody which
/// check a forged token failed.
///
/// | code | status | when |
/// |---|---|---|
/// | `not_signed_in` | 401 | the request carries no credential |
/// | `session_expired` | 401 | the session cookie is expired or no longer valid |
/// | `session_in_doubt` | 401 | the browser has two session cookies of one name, and one is not this app's |
/// | `invalid_token` | 401 | the bearer token is expired, forged or not meant for this app |
/// | `bearer_required` | 401 | only bearer tokens count here, and the request carries none |
/// | `session_required` | 401 | only a browser's session counts here, and the request carries a bearer token |
/// | `other_scheme` | 401 | only bearer tokens count here, and their header has another scheme |
/// | `missing_bearer_token` | 401 | the header says `Bearer` and nothing more |
/// | `several_bearer_tokens` | 401 | more than one word follows `Bearer` |
/// | `malformed_bearer_token` | 401 | what follows `Bearer` is no token |
/// | `login_too_old` | 401 | signed in, but longer ago than [`Fresh`](crate::policy::Fresh) asks for; [`rule`](Self::rule) says which rule |
/// | `repeated_authorization` | 400 | there are several `Authorization` headers |
/// | `person_required` | 403 | the caller is a machine |
/// | `machine_required` | 403 | the caller is a person |
/// | `rule_not_met` | 403 | signed in, but without the groups or scopes asked for; [`rule`](Self::rule) says which |
/// | `unknown_user` | 403 | signed in, but the app's own loader of users does not know this one |
/// | `cross_site` | 403 | an unsafe request with a session cookie that another site may have caused |
/// | `keys_unavailable` | 503 | the pool's public keys could not be fetched |
/// | `session_not_renewed` | 503 | the session has expired, and the pool cannot renew it at the moment; it is not over |
/// | `user_not_loaded` | 503 | the app's own loader of users failed; the log says how |
/// | `bad_callback` | 400 | the callback's parameters are missing, repeated or malformed |
/// | `no_login_attempt` | 400 | this browser did not begin the sign-in, or its cookie is gone |
/// | `login_expired` | 400 | the sign-in took longer than ten minutes |
/// | `login_not_recognised` | 400 | the sign-in was begun with other settings, or tampered with |
/// | `login_used` | 400 | this sign-in is already completed |
/// | `code_refused` | 400 | the pool did not accept the code |
/// | `tokens_refused` | 400 | the pool's tokens do not belong to this sign-in |
/// | `sign_in_refused` | 400 | the pool ended the sign-in with an error |
/// | `login_not_fresh` | 403 | a fresh sign-in was asked for, and the pool did not ask again; the log says why |
/// | `access_denied` | 403 | the pool or the visitor declined the sign-in |
/// | `refused_by_app` | 403 | the app's own `on_login` hook refused |
/// | `hook_failed` | 500 | the app's own `on_login` hook failed; the log says how |
/// | `bad_login` | 400 | a parameter of the login link is repeated or malformed |
/// | `method_not_allowed` | 405 | for example HEAD on the callback, or a foreign link to sign-out |
/// | `sign_in_misconfigured` | 503 | the app client is set up wrongly; the log says how |
/// | `pool_unavailable` | 503 | the pool is down, slow or throttling |
///
/// Sources: RFC 6750 section 3.1, RFC 9470 section 3 and RFC 9110 section 15.5 for statuses and challenges, RFC 6749
/// section 4.1.2.1 for what the pool may answer.
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
}

struct Shared {
    refusal: Refusal,
    /// Made when something asks for it: most refusals end without.
    login_path: OnceLock<String>,
}

/// What a denial tells.
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    /// The rule that was not met.
    pub(crate) rule: Option<Rule>,
    pub(crate) signposts: Arc<Signposts>,
    /// Where a sign-in is to lead.
    pub(crate) next: Option<String>,
    /// Where a sign-in goes on that has begun again already.
    pub(crate) goes_on_at: Option<String>,
    /// Whether the request does not ask for a page.
    pub(crate) is_of_form: bool,
}

/// What all denials of an app point to.
pub(crate) struct Signposts {
    /// The paths of first page, sign-in and sign-out, as browsers see them; empty where there is none.
    pub(crate) home: String,
    pub(crate) login: String,
    pub(crate) logout: String,
    /// Of challenges.
    pub(crate) scheme: String,
}

impl Default for Signposts {
    /// Of an app without the fairing.
    fn default() -> Self {
        Signposts { home: "/".into(), login: String::new(), logout: String::new(), scheme: "Bearer".into() }
    }
}

macro_rules! kinds {
    ($($kind:ident $status:ident $code:literal $title:literal $message:literal $hint:literal;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $($kind),+ }

        impl Kind {
            #[cfg(all(test, feature = "templates"))]
            pub(crate) const ALL: &[Kind] = &[$(Kind::$kind),+];

            const fn row(self) -> (Status, &'static str, &'static str, &'static str, &'static str) {
                match self { $(Kind::$kind => (Status::$status, $code, $title, $message, $hint)),+ }
            }
        }
    };
}

kinds! {
    NotSignedIn Unauthorized "not_signed_in" "Please sign in" "This page is for people who are signed in." "Sign in to go on.";
    SessionExpired Unauthorized "session_expired" "Your session has ended" "You have been signed out because some time has passed." "Sign in again to go on.";
    SessionInDoubt Unauthorized "session_in_doubt" "Two sessions at once" "This browser has two different session cookies for this site, and one of them belongs to a neighbouring one." "Delete the cookies of this site and its parent domain, then sign in.";
    InvalidToken Unauthorized "invalid_token" "Token not accepted" "The access token is expired, revoked, malformed or not meant for this application." "Get a new token and try again.";
    BearerRequired Unauthorized "bearer_required" "Token missing" "This address takes a bearer token, and the request carries none." "Send an access token in the header for it.";
    SessionRequired Unauthorized "session_required" "Session required" "This address takes the session of a browser that signed in here, and no bearer token." "Leave the header for tokens out.";
    OtherScheme Unauthorized "other_scheme" "Token missing" "The header for the token has another scheme." "Send an access token in it, with the scheme for tokens.";
    MissingBearerToken Unauthorized "missing_bearer_token" "Token missing" "The header for the token has none in it." "Send the token there, after its scheme if it has one.";
    SeveralBearerTokens Unauthorized "several_bearer_tokens" "Token malformed" "The header for the token has more words in it than one token." "Send one token, nothing else.";
    MalformedBearerToken Unauthorized "malformed_bearer_token" "Token malformed" "What the header for the token has in it is no token." "Send one token, nothing else.";
    RepeatedAuthorization BadRequest "repeated_authorization" "Header repeated" "The request has the header for the token more than once." "Send exactly one.";
    PersonRequired Forbidden "person_required" "For people" "This address is for people who signed in, and the token is a machine's." "Call it with the token of somebody who signed in.";
    MachineRequired Forbidden "machine_required" "For machines" "This address is for machines, and you are signed in as a person." "Call it with a token that a client got for itself.";
    LoginTooOld Unauthorized "login_too_old" "Please sign in again" "You are signed in, but this page asks for a sign-in of a short while ago." "Sign in again to go on.";
    RuleNotMet Forbidden "rule_not_met" "Not for this account" "You are signed in, but your account may not do this." "Ask for access, or sign out and sign in with another account.";
    UnknownUser Forbidden "unknown_user" "Not for this account" "You are signed in, but this site does not know your account." "Ask for access, or sign out and sign in with another account.";
    CrossSite Forbidden "cross_site" "Request refused" "This request did not provably come from this site." "Use the button on the site itself; scripts send a matching Origin header.";
    KeysUnavailable ServiceUnavailable "keys_unavailable" "Sign-in is unavailable" "Nobody's sign-in can be checked at the moment." "Try again in a few seconds.";
    SessionNotRenewed ServiceUnavailable "session_not_renewed" "Your session is waiting" "Your session cannot be renewed at the moment; it has not ended." "Try again in a few seconds, or sign in again.";
    UserNotLoaded ServiceUnavailable "user_not_loaded" "Your account is out of reach" "You are signed in, but this site cannot reach its data about your account at the moment." "Try again in a few seconds.";
    BadCallback BadRequest "bad_callback" "Sign-in not completed" "The sign-in page sent you back with something missing or repeated." "Start the sign-in again.";
    NoLoginAttempt BadRequest "no_login_attempt" "Sign-in not completed" "This browser has no sign-in under way: it may have been finished already, begun in another browser, or its cookie is blocked." "Start the sign-in again, and allow cookies for this site.";
    LoginExpired BadRequest "login_expired" "Sign-in took too long" "More than ten minutes passed between start and end of the sign-in." "Start the sign-in again.";
    LoginNotRecognised BadRequest "login_not_recognised" "Sign-in not completed" "This sign-in was begun under other settings, or was changed on the way." "Start the sign-in again.";
    LoginUsed BadRequest "login_used" "Sign-in already completed" "This sign-in link has been used." "Start the sign-in again if you are not signed in.";
    AnotherCode BadRequest "login_used" "Sign-in already completed" "This sign-in link has been used." "Start the sign-in again if you are not signed in.";
    CodeRefused BadRequest "code_refused" "Sign-in not completed" "The sign-in was not accepted: its code is used up or too old." "Start the sign-in again.";
    TokensRefused BadRequest "tokens_refused" "Sign-in not completed" "The answer of the sign-in service does not belong to this sign-in." "Start the sign-in again.";
    SignInRefused BadRequest "sign_in_refused" "Sign-in not completed" "The sign-in service ended the sign-in with an error." "Start the sign-in again; if it happens again, tell whoever runs this site.";
    LoginNotFresh Forbidden "login_not_fresh" "Sign-in not completed" "This page asks for a new sign-in, and this one does not count as new." "Sign out and try again; if it happens again, tell whoever runs this site.";
    AccessDenied Forbidden "access_denied" "Sign-in declined" "The sign-in was declined." "Start the sign-in again if that was not intended.";
    RefusedByApp Forbidden "refused_by_app" "Not for this account" "You have an account, but this site does not let it in." "Ask for access, or sign out and sign in with another account.";
    HookFailed InternalServerError "hook_failed" "Sign-in not completed" "This site failed to complete the sign-in." "Start the sign-in again; if it happens again, tell whoever runs this site.";
    BadLogin BadRequest "bad_login" "Sign-in link not understood" "A parameter of the sign-in link is repeated or malformed." "Use the sign-in button of the site.";
    GetOnly MethodNotAllowed "method_not_allowed" "Not this way" "This address does not answer this kind of request." "Use the button on the site itself.";
    PostOnly MethodNotAllowed "method_not_allowed" "Not this way" "This address does not answer this kind of request." "Use the button on the site itself.";
    SignInMisconfigured ServiceUnavailable "sign_in_misconfigured" "Sign-in is not set up correctly" "This site cannot complete the sign-in as it is set up; you have done nothing wrong." "Tell whoever runs this site: the log says what to correct.";
    SignInBusy ServiceUnavailable "pool_unavailable" "Sign-in is unavailable" "Very many people are signing in at the moment." "Load this page again in a few seconds.";
    PoolUnavailable ServiceUnavailable "pool_unavailable" "Sign-in is unavailable" "The sign-in service does not answer at the moment." "Start the sign-in again in a few seconds.";
}

impl Denial {
    pub(crate) fn new(refusal: Refusal) -> Self {
        Denial { shared: Arc::new(Shared { refusal, login_path: OnceLock::new() }) }
    }

    fn refusal(&self) -> &Refusal {
        &self.shared.refusal
    }

    pub(crate) fn kind(&self) -> Kind {
        self.refusal().kind
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> Status {
        self.kind().row().0
    }

    /// A stable name for programs, as in the table above.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().row().1
    }

    /// A heading for a page.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.kind().row().2
    }

    /// What happened, in one sentence for the visitor.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.kind().row().3
    }

    /// What the visitor can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.kind().row().4
    }

    /// The rule that was not met. It names groups and scopes: show it to people who may know them.
    #[must_use]
    pub fn rule(&self) -> Option<&Rule> {
        self.refusal().rule.as_ref()
    }

    /// The path that begins a sign-in, for a link; it leads to where a failed sign-in was to lead. That of the mounted
    /// login route, or the setting `login_path`; for `login_too_old` it asks for a fresh sign-in. Empty in an app where
    /// nobody signs in.
    ///
    /// When a callback answers `login_too_old`, the sign-in has begun again already: then this is the URL of Cognito's
    /// sign-out, where it goes on.
    #[must_use]
    pub fn login_path(&self) -> &str {
        self.goes_on_at().unwrap_or_else(|| {
            let next = self.refusal().next.as_deref();
            self.shared.login_path.get_or_init(|| self.login_path_with(next))
        })
    }

    /// Where the sign-in goes on that has begun again already.
    pub(crate) fn goes_on_at(&self) -> Option<&str> {
        self.refusal().goes_on_at.as_deref()
    }

    /// The app's first page, for a link.
    pub(crate) fn home_path(&self) -> &str {
        &self.refusal().signposts.home
    }

    /// The path that begins a sign-in which leads to `next`.
    pub(crate) fn login_path_to(&self, next: &str) -> String {
        self.login_path_with(Some(next))
    }

    fn login_path_with(&self, next: Option<&str>) -> String {
        let next = next.map(|next| format!("next={}", RawStr::new(next).percent_encode()));
        let fresh = self.max_age().map(|seconds| format!("prompt=login&max_age={seconds}"));
        let query: Vec<_> = next.into_iter().chain(fresh).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.refusal().signposts.login, query.join("&"))
    }

    /// How old the sign-in may be that this one asks for, in seconds.
    fn max_age(&self) -> Option<u64> {
        self.rule().filter(|_| self.kind() == Kind::LoginTooOld)?.max_age()
    }

    /// The way on, as HTML. Mostly to sign in; for an unmet rule to sign out, since the pool would sign the
    /// same person in again, maybe without a question; while keys or the app's own data are missing to try again.
    pub(crate) fn way_on(&self) -> String {
        let link = |path: &str, text| format!("<a class=\"button\" href=\"{}\">{text}</a>", escaped(path));
        let signposts = &self.refusal().signposts;
        // A form's own button is the way on: its address need not be one to open.
        let again = if self.refusal().is_of_form { String::new() } else { link("", "Try again") };
        match self.kind() {
            Kind::KeysUnavailable | Kind::UserNotLoaded | Kind::SessionInDoubt | Kind::SignInBusy => again,
            // Signing in would not help, or nobody signs in here.
            Kind::BearerRequired | Kind::OtherScheme | Kind::MachineRequired => String::new(),
            _ if signposts.login.is_empty() => String::new(),
            Kind::RuleNotMet
            | Kind::UnknownUser
            | Kind::RefusedByApp
            | Kind::LoginNotFresh
            | Kind::PostOnly => {
                let path = escaped(&signposts.logout);
                format!("<form method=\"post\" action=\"{path}\"><button>Sign out</button></form>")
            }
            Kind::SessionNotRenewed => format!("{again} {}", link(self.login_path(), "Sign in again")),
            _ => link(self.login_path(), "Sign in"),
        }
    }

    /// When to try again, in seconds, where that may help without anybody doing something.
    pub(crate) fn retry_after(&self) -> Option<&'static str> {
        let passes = matches!(
            self.kind(),
            Kind::KeysUnavailable
                | Kind::SessionNotRenewed
                | Kind::UserNotLoaded
                | Kind::SignInBusy
                | Kind::PoolUnavailable
        );
        passes.then_some("5")
    }

    /// Whether signing in, or signing in again, is the way on.
    pub(crate) fn asks_for_sign_in(&self) -> bool {
        matches!(self.kind(), Kind::NotSignedIn | Kind::SessionExpired | Kind::LoginTooOld)
    }

    /// What a 405 answer allows (RFC 9110 section 15.5.6).
    pub(crate) fn allowed_method(&self) -> Option<&'static str> {
        match self.kind() {
            Kind::GetOnly => Some("GET"),
            Kind::PostOnly => Some("POST"),
            _ => None,
        }
    }

    /// The challenge of a 400 or 401 answer, and of a 403 for lack of scopes (RFC 6750 section 3, RFC 9470 section 3).
    pub(crate) fn challenge(&self) -> Option<String> {
        let scheme = &self.refusal().signposts.scheme;
        match self.kind() {
            Kind::NotSignedIn | Kind::BearerRequired | Kind::OtherScheme | Kind::SessionRequired => {
                Some(scheme.clone())
            }
            Kind::RepeatedAuthorization => Some(format!("{scheme} error=\"invalid_request\"")),
            Kind::RuleNotMet => {
                let scopes = self.rule().map(Rule::scopes).unwrap_or_default().join(" ");
                is_scope_list(&scopes)
                    .then(|| format!("{scheme} error=\"insufficient_scope\", scope=\"{scopes}\""))
            }
            Kind::LoginTooOld => {
                let max_age = self.max_age().map(|seconds| format!(", max_age=\"{seconds}\""));
                let max_age = max_age.unwrap_or_default();
                Some(format!(
                    "{scheme} error=\"insufficient_user_authentication\", \
                     error_description=\"More recent authentication is required\"{max_age}"
                ))
            }
            kind if kind.row().0 == Status::Unauthorized => Some(format!("{scheme} error=\"invalid_token\"")),
            _ => None,
        }
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
        denial.serialize_field("way_on", &self.way_on())?;
        denial.serialize_field("home_path", self.home_path())?;
        denial.end()
    }
}

/// Text for HTML, in element or attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
}

/// Lets Rocket look past an alias of `Result<G, Denial>` at the sentinel of `G`.
impl Sentinel for Denial {
    fn abort(_: &Rocket<Ignite>) -> bool {
        false
    }
}
