//! The discovery document and the JWKS, under the issuer.

use std::convert::Infallible;
use std::sync::Arc;

use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::serde::json::Json;
use rocket::{State, get};
use serde::Serialize;
use serde_json::Value;

use crate::local_pool::state::Pool;

/// Cognito's twelve keys, in its order, and where clients register themselves.
#[derive(Serialize)]
pub(super) struct Discovery {
    authorization_endpoint: String,
    end_session_endpoint: String,
    id_token_signing_alg_values_supported: [&'static str; 1],
    issuer: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    response_types_supported: [&'static str; 2],
    revocation_endpoint: String,
    scopes_supported: [&'static str; 4],
    subject_types_supported: [&'static str; 1],
    token_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 2],
    userinfo_endpoint: String,
}

/// Where whoever asks calls the pool: as browsers do, or under one of its `hosts`, where browsers may not reach it.
pub(super) struct CalledAt(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for CalledAt {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        let Some(pool) = request.rocket().state::<Arc<Pool>>() else {
            return Outcome::Forward(Status::InternalServerError);
        };
        let public = pool.base_url();
        let is_public =
            |host: &str| public.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host));
        let inner = request.host().filter(|host| pool.is_inner_host(host.domain().as_str()));
        let inner = inner.map(ToString::to_string).filter(|host| !is_public(host));
        Outcome::Success(CalledAt(inner.map_or(public, |host| format!("http://{host}"))))
    }
}

/// The endpoints that apps call are where the caller is: in a container that may be another place than a browser's.
#[get("/<user_pool_id>/.well-known/openid-configuration")]
pub(super) fn discovery(
    pool: &State<Arc<Pool>>,
    called_at: CalledAt,
    user_pool_id: &str,
) -> Option<Json<Discovery>> {
    let (base, issuer, CalledAt(called)) = (pool.base_url(), pool.issuer(), called_at);
    (user_pool_id == pool.config.user_pool_id).then(|| {
        Json(Discovery {
            authorization_endpoint: format!("{base}/oauth2/authorize"),
            end_session_endpoint: format!("{base}/logout"),
            id_token_signing_alg_values_supported: ["RS256"],
            jwks_uri: format!("{called}/{user_pool_id}/.well-known/jwks.json"),
            issuer,
            registration_endpoint: pool.config.registration.map(|_| format!("{called}/oauth2/register")),
            response_types_supported: ["code", "token"],
            revocation_endpoint: format!("{called}/oauth2/revoke"),
            scopes_supported: ["openid", "email", "phone", "profile"],
            subject_types_supported: ["public"],
            token_endpoint: format!("{called}/oauth2/token"),
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
            userinfo_endpoint: format!("{called}/oauth2/userInfo"),
        })
    })
}

#[get("/<user_pool_id>/.well-known/jwks.json")]
pub(super) fn jwks(pool: &State<Arc<Pool>>, user_pool_id: &str) -> Option<Json<Value>> {
    (user_pool_id == pool.config.user_pool_id).then(|| Json(pool.keys.jwks()))
}
