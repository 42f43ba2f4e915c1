//! The sessions of a person at the pool, to list and to end.

use std::fmt;

use serde::Deserialize;

use super::client_error::ClientError;
use super::pool_session::PoolSession;
use crate::http::check_object;
use crate::oauth::{EndpointError, Endpoints};

/// The sessions of a person at the pool, over all app clients: by
/// [`CognitoUser::pool_sessions`](crate::CognitoUser::pool_sessions). Each method is one call to Cognito, with the person's
/// access token.
///
/// The pool lists and ends sessions where it tracks them, which is off by default and needs the Essentials or Plus plan.
/// [`end_all`](Self::end_all) works at every pool.
///
/// **What ends, and when.** The pool refuses the refresh token at once. An app that verifies tokens offline, as this one,
/// accepts the access token until it expires; its session is over with the next refresh, which is 401 `session_ended`.
///
/// **The sessions of this app** in a store are another list: [`Sessions`](crate::Sessions). No claim that is known says
/// which of them belongs to which session at the pool, except for the [current](PoolSession::is_current) one, so show the
/// lists beside each other. To end all sessions in both,
/// [`Sessions::end_everywhere`](crate::Sessions::end_everywhere) is one call.
///
/// # Errors
/// Each method returns a [`ClientError`], whose text says what to do:
/// - [`is_misconfigured`](ClientError::is_misconfigured): the pool does not track sessions, or its plan does not.
/// - [`is_invalid_grant`](ClientError::is_invalid_grant): the pool does not accept the access token any more.
/// - [`is_unavailable`](ClientError::is_unavailable): the pool is down, slow, or throttling.
///
/// # Example
/// ```rust
/// use rocket::http::Status;
/// use rocket::serde::json::Json;
/// use rocket::{get, post};
/// use rocket_cognito::client::ClientError;
/// use rocket_cognito::{CognitoUser, Logout, PoolSession, SessionOnly};
///
/// fn status(error: ClientError) -> Status {
///     eprintln!("sessions at the pool: {error}");
///     if error.is_invalid_grant() { Status::Unauthorized } else { Status::ServiceUnavailable }
/// }
///
/// #[get("/account/pool-sessions")]
/// async fn list(user: CognitoUser) -> Result<Json<Vec<PoolSession>>, Status> {
///     let sessions = user.pool_sessions().map_err(status)?;
///     Ok(Json(sessions.list().await.map_err(status)?))
/// }
///
/// #[post("/account/pool-sessions/<id>/end")]
/// async fn end(user: SessionOnly, id: &str) -> Result<&'static str, Status> {
///     let sessions = user.pool_sessions().map_err(status)?;
///     let is_ended = sessions.end(id).await.map_err(status)?; // of this person alone, whatever the id is
///     Ok(if is_ended { "signed out" } else { "no such session" })
/// }
///
/// #[post("/account/sign-out-everywhere")] // of an app with its sessions in cookies
/// async fn end_all(user: SessionOnly) -> Result<Logout, Status> {
///     user.pool_sessions().map_err(status)?.end_all().await.map_err(status)?;
///     Ok(Logout::new())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct PoolSessions<'u> {
    endpoints: &'u Endpoints,
    access_token: &'u str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    sessions: Vec<PoolSession>,
}

impl<'u> PoolSessions<'u> {
    pub(crate) fn new(endpoints: &'u Endpoints, access_token: &'u str) -> Self {
        PoolSessions { endpoints, access_token }
    }

    /// Lists the active sessions, up to 125 (`ListUserSessions`). A new one may take seconds to appear.
    ///
    /// # Errors
    /// The [errors of each call](Self#errors).
    pub async fn list(&self) -> Result<Vec<PoolSession>, ClientError> {
        let answer = self.call("ListUserSessions", &[]).await?.ok_or_else(no_pool)?;
        let list = check_object(&answer).ok().and_then(|text| serde_json::from_str::<List>(text).ok());
        let list =
            list.ok_or_else(|| ClientError::unavailable("the pool's API did not answer with sessions"))?;
        Ok(list.sessions)
    }

    /// Ends one session (`RevokeUserSession`), and returns whether there was such a session of this person.
    ///
    /// Other sessions stay: the session of a browser at the pool's pages outlasts its token sessions, and they outlast it.
    /// The session that asks ends by [`Logout`](crate::Logout); the pool refuses to end it here.
    ///
    /// # Errors
    /// The [errors of each call](Self#errors), and [`is_misconfigured`](ClientError::is_misconfigured) for the session
    /// that asks.
    pub async fn end(&self, id: &str) -> Result<bool, ClientError> {
        // Nothing else is an id of the pool, so it need not be asked.
        if !is_id(id) {
            return Ok(false);
        }
        Ok(self.call("RevokeUserSession", &[("SessionId", id)]).await?.is_some())
    }

    /// Revokes all tokens of this person, those of the caller with them (`GlobalSignOut`). The pool need not track
    /// sessions for it.
    ///
    /// The cookie of the pool's own pages stays in each browser, so that a sign-in there may need no password:
    /// [`Logout`](crate::Logout) ends it in the browser that asks.
    ///
    /// # Errors
    /// The [errors of each call](Self#errors).
    pub async fn end_all(&self) -> Result<(), ClientError> {
        self.call("GlobalSignOut", &[]).await?.ok_or_else(no_pool).map(|_| ())
    }

    async fn call(
        &self,
        operation: &str,
        members: &[(&str, &str)],
    ) -> Result<Option<Vec<u8>>, EndpointError> {
        self.endpoints.user_api().call(operation, self.access_token, members).await
    }
}

/// What is missing is not a session, where the request names none.
fn no_pool() -> ClientError {
    ClientError::misconfigured(
        "the pool's API does not find the user pool",
        "check `user_pool_id` and `region`",
    )
}

/// Whether the pool may have given a session this id (`^(tkn|sso)[a-z0-9]{25}$`).
fn is_id(text: &str) -> bool {
    let rest = text.strip_prefix("tkn").or_else(|| text.strip_prefix("sso")).unwrap_or_default();
    rest.len() == 25 && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// No token.
impl fmt::Debug for PoolSessions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSessions").finish_non_exhaustive()
    }
}
