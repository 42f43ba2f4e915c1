//! The endpoints of the pool, as Cognito has them.

mod api;
mod authorization_request;
mod authorize;
mod client_authentication;
mod cross_origin;
mod ending;
mod error_page;
mod forgot_password;
mod head;
mod health;
mod landing;
mod level_asked;
mod login;
mod logout;
mod next_step;
mod oauth_error;
mod other_site;
mod pages;
mod parameters;
mod prompt;
mod redirect;
mod revoke;
mod routes;
mod second_factor;
mod sign_in_at;
mod sign_in_page;
mod sign_up;
mod token;
mod user_info;
mod well_known;

pub(super) use self::cross_origin::{preflight, share_with_scripts};
pub(super) use self::head::head_routes;
pub(super) use self::health::HEALTH;
pub(super) use self::pages::Pages;
pub(super) use self::parameters::Query;
pub(super) use self::routes::{paths, routes};
