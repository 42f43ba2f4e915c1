//! `StoreError` as an answer, for routes that work with sessions.

use rocket::request::Request;
use rocket::response::{Responder, Result};

use super::answer::RouteResponse;
use crate::denial::Reason;
use crate::store::StoreError;
use crate::telemetry::{Event, emit};

/// 503 `sessions_unavailable`, as guards answer while the store is out of reach: by the app's catcher where it has one, a
/// [`Denial`](crate::Denial) in each case. The reason goes to the log, not to the visitor.
///
/// # Example
/// ```rust
/// use std::sync::Arc;
///
/// use rocket::{State, get};
/// use rocket_cognito::store::{SessionStore, StoreError};
///
/// #[get("/health")]
/// async fn health(store: &State<Arc<dyn SessionStore>>) -> Result<&'static str, StoreError> {
///     store.check().await?;
///     Ok("all is well")
/// }
/// ```
impl<'r> Responder<'r, 'static> for StoreError {
    fn respond_to(self, request: &'r Request<'_>) -> Result<'static> {
        emit(Event::StoreFailed { error: &self, cause: self.kind(), is_at_launch: false });
        RouteResponse::refused(request, Reason::SessionsUnavailable).respond_to(request)
    }
}
