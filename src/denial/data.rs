//! What a denial knows of its request.

use std::sync::Arc;
use std::time::Duration;

use super::html::Sent;
use super::links::Links;
use super::reason::Reason;
use crate::http::LocalPath;
use crate::oauth::AuthorizationError;
use crate::policy::Rule;

/// Why this request is refused, and what its pages need.
pub(crate) struct DenialData {
    pub(crate) reason: Reason,
    /// The rule that was not met.
    pub(crate) rule: Option<Rule>,
    pub(crate) links: Arc<Links>,
    /// Where a sign-in is to lead.
    pub(crate) next: Option<LocalPath>,
    /// Where a sign-in goes on that has begun again already.
    pub(crate) resume_url: Option<String>,
    /// Whether the visitor's browser is to begin the sign-in again by itself.
    pub(crate) begins_again: bool,
    /// What the pool says at the callback.
    pub(crate) pool_error: Option<AuthorizationError>,
    /// Whether a form was sent, whose page still has what was typed.
    pub(crate) is_form: bool,
    /// How long to wait, where that is known better than by the reason alone.
    pub(crate) rest: Option<Duration>,
    pub(crate) sent: Sent,
    /// Whether a program asks, rather than a browser for a page.
    pub(crate) is_of_program: bool,
    /// Whether a link to the request's own address repeats it.
    pub(crate) can_reload: bool,
}
