//! Tests of a guarded app, without a server, a port or a network.
#![doc = include_str!("../../docs/testing.md")]

mod access;
mod answer;
mod app_facts;
mod ask;
mod carried;
mod claims;
mod cookie_jar;
mod credential;
mod credential_names;
mod differences;
mod document;
mod grant;
mod keys;
mod machine_client;
mod mapped_route;
mod misuse;
mod person;
mod person_facts;
mod pool_handle;
mod route_map;
mod session;
mod session_fairing;
mod signature;
mod test_pool;
mod trial;

pub use self::access::Access;
pub use self::answer::Answer;
pub use self::ask::Ask;
pub use self::credential::{BearerCredential, SignIn};
pub use self::machine_client::MachineClient;
pub use self::mapped_route::MappedRoute;
pub use self::person::Person;
pub use self::route_map::{RouteMap, map};
pub use self::session::Session;
pub(crate) use self::session_fairing::{add_session, keep_session};
pub use self::test_pool::TestPool;
#[doc(no_inline)]
pub use crate::openapi::{Asks, By, Who};
