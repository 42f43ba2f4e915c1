//! `GET /oauth2/authorize`: the start of a sign-in.

use std::sync::Arc;

use rocket::http::CookieJar;
use rocket::{State, get};

use super::authorization_request::AuthorizationRequest;
use super::level_asked::Lack;
use super::parameters::{Parameters, Query};
use super::prompt::Prompt;
use super::redirect::Found;
use crate::local_pool::state::Pool;

#[get("/oauth2/authorize")]
pub(super) fn authorize(
    pool: &State<Arc<Pool>>,
    parameters: Parameters,
    query: &Query,
    cookies: &CookieJar<'_>,
) -> Result<Found, Found> {
    let request = AuthorizationRequest::check(pool, &parameters)?;
    let session = request.session(pool, cookies);
    let session =
        session.filter(|(user, session)| matches!(request.level.lack(user, session), Lack::Nothing));
    Ok(match session {
        Some((_, session)) => request.grant(pool, session),
        None if request.prompt == Prompt::Never => request.login_required(),
        None => Found::at(format!("/login?{}", query.0)),
    })
}
