//! What tokens for an app follow from.

use crate::app::App;

/// What Cognito has if nobody has chosen the scopes of a client.
const DEFAULT_SCOPES: [&str; 5] = ["aws.cognito.signin.user.admin", "email", "openid", "phone", "profile"];

/// What tokens for an app follow from.
#[derive(Clone)]
pub(super) struct AppFacts {
    pub(super) issuer: String,
    pub(super) user_pool_id: String,
    /// Its own client, or one of those whose tokens it accepts.
    pub(super) client_id: String,
    /// What a sign-in at the app is granted.
    pub(super) scopes: Vec<String>,
}

impl AppFacts {
    pub(super) fn of(app: &App) -> Self {
        let (pool, own) = (app.pool.settings(), app.pool.client());
        let other = app.settings.bearer.accepted_client_ids.first();
        let scopes = own.map(|client| client.scopes.clone()).filter(|scopes| !scopes.is_empty());
        AppFacts {
            issuer: pool.issuer().to_owned(),
            user_pool_id: pool.user_pool_id.clone(),
            client_id: own.map(|client| &client.id).or(other).cloned().unwrap_or_default(),
            scopes: scopes.unwrap_or_else(|| DEFAULT_SCOPES.map(str::to_owned).into()),
        }
    }
}
