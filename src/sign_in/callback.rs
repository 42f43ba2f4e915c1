//! A completed sign-in.

use std::fmt;
use std::sync::Arc;

use crate::http::{LocalPath, RedirectTargets};
use crate::session::IssuedSession;
use crate::user::CognitoUser;

/// A completed sign-in: the guard of an app's own callback route.
///
/// The route stands at the path of `redirect_url` (or at `callback_path`), and `routes` leaves the mounted callback
/// out. The guard exchanges the code and verifies the tokens; the route decides where to go. Returned as it is, it
/// leads to [`next`](Self::next). The session begins with an answer of a status below 400; with any other nothing is
/// kept, here or at the pool. What counts is the answer that the browser gets: a catcher that turns a route's 403 into
/// a redirect lets the session begin.
///
/// A browser may deliver a callback more than once: a double click runs the route twice with the same session, and the
/// back button, or any link to the callback, brings whoever is signed in here again, as [`is_new`](Self::is_new) tells.
/// What a route does of its own must bear that.
///
/// # Errors
/// As the mounted callback, for the app's catchers: 400 for missing, repeated or tampered parameters, another browser,
/// too late, used twice; 403 when the sign-in was declined, or was to be fresh and is not; 405 but for GET; 503 when
/// the pool is down, or pool, client or clock are set up wrongly. [`Denial`](crate::Denial) tells them apart, with
/// [`pool_error`](crate::Denial::pool_error) for what the pool says, and [`next`](crate::Denial::next).
///
/// Where the login cookie is missing, too old or unreadable, a person's browser is to begin again, once within a minute:
/// [`catchers`](crate::catchers) lead it there, and a catcher of your own may, by
/// [`Denial::login_path`](crate::Denial::login_path).
///
/// 401 `login_required` when the pool was not to ask (`prompt=none`) and nobody is signed in there.
///
/// 401 `login_too_old` when the sign-in was to be fresh and the pool has not asked again: it has then begun a second
/// time by way of Cognito's sign-out, where [`RedirectToLogin`](crate::RedirectToLogin) leads the browser, as the
/// mounted callback does. A catcher of your own leads it to [`Denial::login_path`](crate::Denial::login_path).
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::Callback;
///
/// #[get("/auth/callback")]
/// fn callback(callback: Callback) -> Callback {
///     match callback.state() {
///         Some("newsletter") if callback.is_new() => callback.go_to("/thank-you"),
///         _ => callback,
///     }
/// }
/// ```
///
/// Source: RFC 6749 section 4.1.2.
#[derive(Clone)]
pub struct Callback {
    user: CognitoUser,
    state: Option<String>,
    next: LocalPath,
    targets: Arc<RedirectTargets>,
    /// `None` when the browser only came back to a sign-in of before.
    issued: Option<Arc<IssuedSession>>,
}

impl Callback {
    pub(crate) fn new(
        user: CognitoUser,
        state: Option<String>,
        next: LocalPath,
        targets: Arc<RedirectTargets>,
        issued: Option<Arc<IssuedSession>>,
    ) -> Self {
        Callback { user, state, next, targets, issued }
    }

    /// The session that has just been issued; `None` when the browser only came back to a sign-in of before.
    pub(crate) fn issued(&self) -> Option<&Arc<IssuedSession>> {
        self.issued.as_ref()
    }

    /// Who has signed in.
    #[must_use]
    pub fn user(&self) -> &CognitoUser {
        &self.user
    }

    /// Who has signed in.
    #[must_use]
    pub fn into_user(self) -> CognitoUser {
        self.user
    }

    /// What was given to [`Login::state`](crate::Login::state), byte for byte.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Where the sign-in was to lead: a path of this site as browsers see it.
    #[must_use]
    pub fn next(&self) -> &str {
        self.next.as_str()
    }

    /// Leads to another path of this site as browsers see it. Anything else leads to `login_redirect`.
    #[must_use]
    pub fn go_to(self, path: impl Into<String>) -> Self {
        let next = self.targets.judge_or_default(Some(&path.into()));
        Callback { next, ..self }
    }

    /// Whether this sign-in has just been completed. The back button, or a reload, brings somebody who is signed in
    /// here once more.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.issued.is_some()
    }
}

impl AsRef<CognitoUser> for Callback {
    fn as_ref(&self) -> &CognitoUser {
        &self.user
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("user", &self.user).finish_non_exhaustive()
    }
}
