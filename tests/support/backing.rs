//! Where the stored sessions of a test lie.

use std::sync::Arc;

use rocket_cognito::Clock;
use rocket_cognito::store::{MemoryStore, RedisStore, SessionStore};

use super::kind::Kind;
use super::redis::RedisServer;

/// Where the stored sessions of a test lie. Clones share it.
#[derive(Clone)]
pub enum Backing {
    Memory(MemoryStore),
    /// A server that ends with the last clone.
    Redis(Arc<RedisServer>, Clock),
}

impl Backing {
    /// A new one for sessions of this kind. Those in cookies leave it empty.
    pub fn new(kind: Kind, clock: &Clock) -> Self {
        match kind {
            Kind::Cookies | Kind::Stored => Backing::Memory(MemoryStore::with_clock(clock)),
            Kind::Redis => {
                let server = RedisServer::start(&[]).expect("a test of this kind needs redis-server");
                Backing::Redis(Arc::new(server), clock.clone())
            }
        }
    }

    /// The store of one more process, with a connection of its own where there is one.
    pub fn store(&self) -> Arc<dyn SessionStore> {
        match self {
            Backing::Memory(memory) => Arc::new(memory.clone()),
            Backing::Redis(server, clock) => {
                Arc::new(RedisStore::from_figment(&server.settings(), clock).unwrap())
            }
        }
    }
}
