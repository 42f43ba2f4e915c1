//! Sessions that last: they are renewed once and in time, survive whatever befalls the pool and the network, and end
//! when they should.

mod answers;
#[path = "../flow/app.rs"]
mod app;
mod endpoint;
mod limits;
mod log;
mod lost;
mod newer;
mod once;
mod outage;
mod people;
mod raw;
#[path = "../sign_in_bad_input/rig.rs"]
#[allow(dead_code, reason = "only refreshes are answered here")]
mod rig;
mod rotation;
#[path = "../flow/sealing.rs"]
mod sealing;
mod seals;
mod sign_out;
#[path = "../support/mod.rs"]
mod support;
mod world;

/// The endpoint of the pool that is asked for new tokens.
const TOKEN: &str = "/oauth2/token";
const REFRESH: &str = "cognito_refresh_token";
const ACCESS: &str = "cognito_access_token";
const SESSION: &str = "cognito_session";
