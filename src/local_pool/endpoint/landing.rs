//! `GET /`: what this pool is, who is in it, and what apps need to know of it.

use std::sync::Arc;

use rocket::http::Status;
use rocket::{State, get};
use rocket_dyn_templates::minijinja::context;
use rocket_dyn_templates::minijinja::value::Value;

use super::pages::{Page, Pages};
use crate::local_pool::config::{DEFAULT_PASSWORD, Factor, LocalClient};
use crate::local_pool::state::Pool;

#[get("/")]
pub(super) fn landing(pool: &State<Arc<Pool>>, pages: &State<Pages>) -> Result<Page, Status> {
    let (base_url, issuer) = (pool.base_url(), pool.issuer());
    let users: Vec<_> = pool
        .users
        .all()
        .into_iter()
        .map(|user| {
            context! {
                name => user.sign_in_name(pool.users.names()),
                groups => user.groups(),
                is_federated => user.is_federated(),
                has_default_password => user.has_password(DEFAULT_PASSWORD),
                disabled => user.disabled,
                obstacle => user.status.obstacle(),
                factors => user.factors().map(Factor::in_words).collect::<Vec<_>>(),
            }
        })
        .collect();
    let providers = pool.identity_providers();
    let context = context! {
        user_pool_id => pool.config.user_pool_id,
        default_password => DEFAULT_PASSWORD,
        users,
        providers => providers.iter().map(|provider| provider.name.as_str()).collect::<Vec<_>>(),
        clients => pool.config.clients.iter().map(client).collect::<Vec<_>>(),
        endpoints => [
            ("Issuer", issuer.clone()),
            ("Discovery", format!("{issuer}/.well-known/openid-configuration")),
            ("Keys (JWKS)", format!("{issuer}/.well-known/jwks.json")),
            ("Authorization", format!("{base_url}/oauth2/authorize")),
            ("Token", format!("{base_url}/oauth2/token")),
            ("User info", format!("{base_url}/oauth2/userInfo")),
            ("Revocation", format!("{base_url}/oauth2/revoke")),
            ("Sign-out", format!("{base_url}/logout")),
            ("API (endpoint URL of SDKs)", base_url.clone()),
            ("Health", format!("{base_url}/health")),
        ],
        base_url,
        issuer,
    };
    pages.render(Status::Ok, "cognito/landing.html", context)
}

/// A client without its secret, which only the settings show.
fn client(client: &LocalClient) -> Value {
    context! {
        id => client.client_id,
        is_machine => client.client_credentials,
        has_secret => client.has_secret(),
        callback_urls => client.callback_urls,
        logout_urls => client.logout_urls,
        scopes => client.granted_scopes(None).unwrap_or_default(),
    }
}
