//! The sessions of all users, for pages and programs that list and end them.

use std::fmt;
use std::sync::Arc;

use super::not_all_ended::NotAllEnded;
use super::session_info::SessionInfo;
use super::stored_sessions::StoredSessions;
use crate::store::{SessionAddress, StoreError};
use crate::user::CognitoUser;

/// The sessions of every user, to list and to end: for account pages, and for "sign out everywhere".
///
/// It is a guard, which knows the session of its request, and it is managed state, for admins and background tasks:
/// `&State<Sessions>`, or `rocket.state::<Sessions>()`. The guard asks nobody to sign in and decides nothing: beside it
/// stands a guard that says who may do this. It costs no call to the store; each method costs one.
///
/// Sessions lie in a store for it: an app that has none does not launch with such a route, and the log says what to type
/// (for `&State<Sessions>` it is Rocket's own, which speaks of `.manage`: what is missing is the store). Sessions in
/// cookies, as with `session_store_writes = false`, are neither listed nor ended. In disabled mode nobody has a session.
///
/// **To end a session** is one step in the store: the next request by it, at any instance, is 401 `session_expired`. Its
/// refresh token is then revoked at Cognito in the background, eight at a time, and with `bearer_denylist` its bearer
/// tokens are refused. Two things stay:
/// - The access token of the session, for other apps that accept it, until it expires.
/// - Cognito's own session in that browser: 60 minutes by default, and up to 90 days where the pool tracks sessions. Until
///   then it signs in again there without a question. Only
///   [`Logout`](crate::Logout) in that browser ends it, and a login with `prompt=login` asks all the same.
///
/// The browser keeps a cookie that counts for nothing. For the browser that asks, [`Logout`](crate::Logout) is the better
/// way: it removes the cookie, and leads through Cognito's sign-out.
///
/// # Errors
/// Each method: [`StoreError`] while the store is out of reach, or refuses. What was to end may then have ended or not. A
/// route may return it: it answers 503 `sessions_unavailable`. In an app that has launched the guard never
/// fails.
///
/// # Example
/// ```rust
/// use rocket::serde::json::Json;
/// use rocket::{get, post};
/// use rocket_cognito::store::StoreError;
/// use rocket_cognito::{CognitoUser, Group, InGroups, SessionInfo, Sessions};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
///
/// #[get("/account/sessions")]
/// async fn mine(user: CognitoUser, sessions: Sessions) -> Result<Json<Vec<SessionInfo>>, StoreError> {
///     Ok(Json(sessions.of(user.sub()).await?))
/// }
///
/// #[post("/account/sessions/<id>/end")]
/// async fn end(user: CognitoUser, sessions: Sessions, id: &str) -> Result<String, StoreError> {
///     let ended = sessions.end(user.sub(), id).await?; // of this user alone, whatever the id is
///     Ok(format!("{ended} signed out"))
/// }
///
/// #[post("/account/sessions/end-others")]
/// async fn end_others(user: CognitoUser, sessions: Sessions) -> Result<String, StoreError> {
///     Ok(format!("{} signed out, but for this one", sessions.end_others(&user).await?))
/// }
///
/// #[post("/users/<sub>/end-sessions")]
/// async fn end_all(_admin: InGroups<Admin>, sessions: Sessions, sub: &str) -> Result<String, StoreError> {
///     Ok(format!("{} signed out", sessions.end_all(sub).await?))
/// }
/// ```
///
/// `cargo run --example sessions` shows the page of an account.
#[derive(Clone)]
pub struct Sessions {
    /// `None` in disabled mode, where nobody has one.
    stored: Option<Arc<StoredSessions>>,
    /// The session that the request came by.
    current: Option<SessionAddress>,
}

impl Sessions {
    /// The sessions that lie in a store; none at all where there is none.
    pub(crate) fn new(stored: Option<&Arc<StoredSessions>>) -> Self {
        Sessions { stored: stored.cloned(), current: None }
    }

    /// These sessions, as a request sees them that came by the session of this address.
    pub(crate) fn with_current(self, current: Option<SessionAddress>) -> Self {
        Sessions { current, ..self }
    }

    /// Lists the sessions of the user with this `sub`, the one that was seen last first. A session that none of
    /// `secret_keys` has sealed is left out, and the log says so.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn of(&self, sub: &str) -> Result<Vec<SessionInfo>, StoreError> {
        let Some(stored) = &self.stored else { return Ok(Vec::new()) };
        let mut sessions = stored.list(sub, self.current.as_ref()).await?;
        sessions.sort_by_key(SessionInfo::rank);
        Ok(sessions)
    }

    /// Ends the session with this [`id`](SessionInfo::id) of the user with this `sub`, and returns how many that were: 1,
    /// or 0 where this user has no such session, whoever else may have one.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end(&self, sub: &str, id: &str) -> Result<usize, StoreError> {
        match &self.stored {
            Some(stored) => stored.end_listed(sub, id).await,
            None => Ok(0),
        }
    }

    /// Ends all sessions of this user but the one that the request came by, in one step, and returns how many they were.
    ///
    /// **All end** where there is no such session to keep: with the handle in managed state, with a request that has a
    /// bearer token, and with another user's session. In a callback route of the app's own the guard stands behind
    /// [`Callback`](crate::Callback), and keeps the session of that sign-in; so it does in the hook `on_login`.
    ///
    /// # Errors
    /// When the store is out of reach.
    ///
    /// # Example
    /// One session for each user: who signs in is signed out everywhere else.
    ///
    /// ```rust
    /// use rocket_cognito::hooks::HookDecision;
    /// use rocket_cognito::{Cognito, Sessions};
    ///
    /// let fairing = Cognito::fairing().on_login(|request, login| {
    ///     Box::pin(async move {
    ///         let sessions = request.guard::<Sessions>().await.succeeded().ok_or("no store")?;
    ///         sessions.end_others(login.user()).await?;
    ///         Ok(HookDecision::Proceed)
    ///     })
    /// });
    /// # let _ = fairing;
    /// ```
    pub async fn end_others(&self, user: &CognitoUser) -> Result<usize, StoreError> {
        match &self.stored {
            Some(stored) => stored.end_all(user.sub(), self.current.as_ref()).await,
            None => Ok(0),
        }
    }

    /// Ends all sessions of the user with this `sub`, in one step, and returns how many they were, with those that do not
    /// open.
    ///
    /// A user who is to stay out has to be disabled at the pool first: otherwise the next sign-in begins a new session.
    ///
    /// # Errors
    /// When the store is out of reach.
    pub async fn end_all(&self, sub: &str) -> Result<usize, StoreError> {
        match &self.stored {
            Some(stored) => stored.end_all(sub, None).await,
            None => Ok(0),
        }
    }

    /// Signs this user out everywhere: ends all sessions at the pool, those of other apps with them, and all sessions in
    /// the store, and returns how many these were. The session that asks is one of them, so answer with
    /// [`Logout`](crate::Logout): it removes the cookie, and ends Cognito's own session in this browser.
    ///
    /// It is [`PoolSessions::end_all`](crate::PoolSessions::end_all), with the user's access token, and then
    /// [`end_all`](Self::end_all). The second is done whatever comes of the first, and both whether or not the visitor waits.
    ///
    /// # Errors
    /// When anything may not have ended: [`NotAllEnded`] says whether that is at the pool, in the store, or in both. To try
    /// again the person has to sign in, since the session that asked is likely to have ended.
    ///
    /// # Example
    /// ```rust
    /// use rocket::http::Status;
    /// use rocket::post;
    /// use rocket_cognito::{Logout, SessionOnly, Sessions};
    ///
    /// #[post("/account/sign-out-everywhere")]
    /// async fn sign_out_everywhere(user: SessionOnly, sessions: Sessions) -> Result<Logout, Status> {
    ///     sessions.end_everywhere(&user).await.map_err(|error| {
    ///         eprintln!("{error}");
    ///         Status::ServiceUnavailable
    ///     })?;
    ///     Ok(Logout::new())
    /// }
    /// ```
    ///
    /// Source: Cognito's API reference, `GlobalSignOut`.
    pub async fn end_everywhere(&self, user: &CognitoUser) -> Result<usize, NotAllEnded> {
        match &self.stored {
            Some(stored) => stored.end_everywhere(user).await,
            None => Ok(0),
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("has_current", &self.current.is_some()).finish_non_exhaustive()
    }
}
