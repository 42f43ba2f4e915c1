//! Sessions that last: they are renewed once and in time, survive whatever befalls the pool and the network, and end
//! when they should. Each test runs for sessions in cookies and for stored ones, unless it says why not.

mod answers;
mod endpoint;
mod late;
mod limits;
mod lost;
mod newer;
mod once;
mod outage;
mod people;
mod persistent;
mod raw;
mod rotation;
mod seals;
mod secret_file;
mod sign_out;
pub mod world;

const SESSION: &str = "cognito_session";
