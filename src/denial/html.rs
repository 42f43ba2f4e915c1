//! The HTML of a visitor's next step.

use super::links::Links;

/// What a page offers to somebody who was refused.
#[derive(Clone, Copy)]
pub(super) enum NextStep {
    /// Signing in would not help.
    Nothing,
    TryAgain,
    SignIn,
    /// The pool would sign the same person in again, maybe without a question.
    SignOut,
    /// Where there is a session to end.
    SignOutOfSession,
    TryAgainOrSignIn,
}

/// What the request of a visitor came with, which decides whether signing in or out would help.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Whoever signs in sends the same header again.
    TokenHeader,
    /// A session, which may be over.
    Session,
    Nothing,
}

impl NextStep {
    /// A link or a button; nothing that leads to a sign-in or a sign-out where none would help.
    ///
    /// A request that was no GET has its own form, whose button is the way to try again: `can_reload` is false.
    pub(super) fn html<'p>(
        self,
        links: &Links,
        sent: Sent,
        can_reload: bool,
        login_path: impl FnOnce() -> &'p str,
    ) -> String {
        let try_again = || if can_reload { link("", "Try again") } else { String::new() };
        match self {
            NextStep::Nothing => String::new(),
            NextStep::TryAgain => try_again(),
            _ if links.login.is_empty() || sent == Sent::TokenHeader => String::new(),
            NextStep::SignOutOfSession if sent != Sent::Session => String::new(),
            NextStep::SignIn => link_to_pool(login_path(), "Sign in"),
            NextStep::SignOut | NextStep::SignOutOfSession => button(&links.logout, "Sign out"),
            NextStep::TryAgainOrSignIn => {
                format!("{} {}", try_again(), link_to_pool(login_path(), "Sign in again"))
            }
        }
    }
}

fn link(path: &str, text: &str) -> String {
    format!("<a class=\"button\" href=\"{}\">{text}</a>", escaped(path))
}

/// A link that leaves the frame that the page may stand in, since the pool refuses frames. Turbo leaves it to the browser,
/// which can follow to another site.
fn link_to_pool(path: &str, text: &str) -> String {
    format!("<a class=\"button\" href=\"{}\" target=\"_top\">{text}</a>", escaped(path))
}

fn button(path: &str, text: &str) -> String {
    format!("<form method=\"post\" action=\"{}\"><button>{text}</button></form>", escaped(path))
}

/// Text for HTML, in an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#x27;")
}
