//! Tests of a guarded app, without a server, a port or a network.
#![doc = include_str!("../../docs/testing.md")]

mod answer;
mod app_facts;
mod ask;
mod claims;
mod cookie_jar;
mod credential;
mod grant;
mod keys;
mod machine_client;
mod misuse;
mod person;
mod pool_handle;
mod session;
mod session_fairing;
mod subject;
mod test_pool;

pub use self::answer::Answer;
pub use self::ask::Ask;
pub use self::credential::{BearerCredential, SignIn};
pub use self::machine_client::MachineClient;
pub use self::person::Person;
pub use self::session::Session;
pub use self::test_pool::TestPool;
