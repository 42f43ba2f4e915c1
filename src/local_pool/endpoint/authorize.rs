//! `GET /oauth2/authorize`: the start of a sign-in.

use std::sync::Arc;

use rocket::http::CookieJar;
use rocket::{State, get};

use super::authorization_request::AuthorizationRequest;
use super::parameters::{Parameters, Query};
use super::prompt::Prompt;
use super::redirect::Found;
use crate::local_pool::state::Pool;

/// `GET /signup`: new users are made in the settings, so whoever comes here signs in.
#[get("/signup")]
pub(super) fn sign_up(
    pool: &State<Arc<Pool>>,
    parameters: Parameters,
    query: &Query,
) -> Result<Found, Found> {
    AuthorizationRequest::check(pool, &parameters)?;
    Ok(Found::at(format!("/login?{}", query.0)))
}

#[get("/oauth2/authorize")]
pub(super) fn authorize(
    pool: &State<Arc<Pool>>,
    parameters: Parameters,
    query: &Query,
    cookies: &CookieJar<'_>,
) -> Result<Found, Found> {
    let request = AuthorizationRequest::check(pool, &parameters)?;
    let session = pool.session(cookies).filter(|_| request.prompt != Prompt::Always);
    Ok(match session {
        Some(session) => request.grant(pool, &session),
        None if request.prompt == Prompt::Never => request.login_required(),
        None => Found::at(format!("/login?{}", query.0)),
    })
}
