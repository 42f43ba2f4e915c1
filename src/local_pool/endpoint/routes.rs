//! Every endpoint of the pool.

use std::collections::BTreeSet;

use rocket::{Route, routes};

use super::api::operation;
use super::authorize::authorize;
use super::error_page::error;
use super::forgot_password::{forgot_password, show_forgot_password};
use super::health::health;
use super::landing::landing;
use super::login::{show, submit};
use super::logout::logout;
use super::registration::register;
use super::revoke::revoke;
use super::sign_up::{show_sign_up, sign_up};
use super::token::token;
use super::user_info::user_info;
use super::well_known::{discovery, jwks};

pub(crate) fn routes() -> Vec<Route> {
    routes![
        discovery,
        jwks,
        authorize,
        show,
        submit,
        token,
        revoke,
        register,
        user_info,
        logout,
        error,
        show_sign_up,
        sign_up,
        show_forgot_password,
        forgot_password,
        landing,
        operation,
        health,
    ]
}

/// The paths of these routes, in a pool of this id.
pub(crate) fn paths(user_pool_id: &str) -> BTreeSet<String> {
    let path = |route: Route| route.uri.path().replace("<user_pool_id>", user_pool_id);
    routes().into_iter().map(path).collect()
}
