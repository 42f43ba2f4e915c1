//! A connection to a server, or to the nodes of a Cluster.

use std::sync::atomic::{AtomicU32, Ordering};

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, RedisResult, Value};
use tokio::sync::Notify;

use super::server_clock::ServerClock;

/// After so many deadlines in a row that were missed a connection is given up.
const MAX_MISSED: u32 = 2;

/// A connection that several commands use at once, and the time of its server.
pub(super) struct Connection {
    pub(super) channel: Channel,
    pub(super) clock: ServerClock,
    missed: AtomicU32,
    closed: Closed,
}

#[derive(Clone)]
pub(super) enum Channel {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Wakes whoever waits for the end of a connection.
pub(super) type Closed = std::sync::Arc<Notify>;

impl Channel {
    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        match self.clone() {
            Channel::Node(mut connection) => command.query_async(&mut connection).await,
            Channel::Cluster(mut connection) => command.query_async(&mut connection).await,
        }
    }
}

impl Connection {
    pub(super) fn new(channel: Channel, clock: ServerClock, closed: Closed) -> Self {
        Connection { channel, clock, missed: AtomicU32::new(0), closed }
    }

    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let answer = self.channel.send(command).await;
        if self.missed.load(Ordering::Relaxed) != 0 {
            self.missed.store(0, Ordering::Relaxed);
        }
        answer
    }

    /// Notes that an answer did not come in time, and returns whether that is once too often.
    pub(super) fn miss(&self) -> bool {
        self.missed.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_MISSED
    }

    /// Returns when the server has closed the connection. That of a Cluster mends itself.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }
}
