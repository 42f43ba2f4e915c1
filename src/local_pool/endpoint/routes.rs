//! Every endpoint of the pool.

use std::collections::BTreeSet;

use rocket::{Route, routes};

use super::authorize::{authorize, sign_up};
use super::error_page::error;
use super::login::{show, submit};
use super::logout::logout;
use super::revoke::revoke;
use super::token::token;
use super::user_info::user_info;
use super::well_known::{discovery, jwks};

pub(crate) fn routes() -> Vec<Route> {
    routes![discovery, jwks, authorize, sign_up, show, submit, token, revoke, user_info, logout, error]
}

/// The paths of these routes, in a pool of this id.
pub(crate) fn paths(user_pool_id: &str) -> BTreeSet<String> {
    let path = |route: Route| route.uri.path().replace("<user_pool_id>", user_pool_id);
    routes().into_iter().map(path).collect()
}
