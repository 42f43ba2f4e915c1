//! Renewing a session on demand: `POST {mount}/refresh`.

use std::sync::Arc;

use rocket::Request;
use serde_json::json;

use crate::answer::{Answer, is_script, prefers_json};
use crate::core::Core;
use crate::credential::is_same_origin;
use crate::denial::Kind;
use crate::query::{BadQuery, Query};
use crate::session_user::refreshed;

/// Renews the session, and answers scripts with 204 or JSON, forms with a redirect to `next`.
pub(crate) async fn refresh(request: &Request<'_>, core: &Arc<Core>) -> Result<Answer, Kind> {
    let raw = request.uri().query().map_or("", |query| query.as_str());
    let bad = |_: BadQuery| Kind::BadLogin;
    let query = Query::parse(raw).map_err(bad)?;
    let next = query.one("next").map_err(bad)?;
    if !is_same_origin(request, core) {
        return Err(Kind::CrossSite);
    }
    let user = refreshed(request, core).await?;
    Ok(if prefers_json(request) {
        let seconds = user.expires_at().duration_since(core.clock.time()).unwrap_or_default().as_secs();
        Answer::Json(json!({ "expires_in": seconds }))
    } else if is_script(request) {
        Answer::NoContent
    } else {
        Answer::SeeOther(core.landing(next).to_owned())
    })
}
