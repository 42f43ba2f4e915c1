//! A connection to a server, or to the nodes of a Cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, RedisResult, Value};
use tokio::sync::Notify;

use super::server_clock::{ServerClock, milliseconds};

/// After so many deadlines that were missed a connection is given up: in a row, and in a Cluster, where other nodes answer
/// meanwhile, within so many milliseconds of each other.
const MAX_MISSED: u32 = 2;
const MISSED_TOGETHER: u64 = 10_000;

/// A connection that several commands use at once, and the time of its server.
pub(super) struct Connection {
    pub(super) channel: Channel,
    pub(super) clock: ServerClock,
    closed: Closed,
    since: Instant,
    misses: AtomicU32,
    last_miss: AtomicU64,
    missed: Notify,
    other_is_wanted: Notify,
}

#[derive(Clone)]
pub(super) enum Channel {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// Wakes whoever waits for the end of a connection.
pub(super) type Closed = Arc<Notify>;

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
        Connection {
            channel,
            clock,
            closed,
            since: Instant::now(),
            misses: AtomicU32::new(0),
            last_miss: AtomicU64::new(0),
            missed: Notify::new(),
            other_is_wanted: Notify::new(),
        }
    }

    pub(super) fn is_of_a_cluster(&self) -> bool {
        matches!(self.channel, Channel::Cluster(_))
    }

    pub(super) async fn send(&self, command: &Cmd) -> RedisResult<Value> {
        let answer = self.channel.send(command).await;
        if !answer.as_ref().is_err_and(redis::RedisError::is_timeout) {
            self.note_answer();
        }
        answer
    }

    /// Notes that the server has answered. In a Cluster it may have been another node than the silent one.
    pub(super) fn note_answer(&self) {
        if !self.is_of_a_cluster() && self.misses.load(Ordering::Relaxed) != 0 {
            self.misses.store(0, Ordering::Relaxed);
        }
    }

    /// Notes that an answer did not come in time, and returns whether that is once too often.
    pub(super) fn miss(&self) -> bool {
        let now = milliseconds(self.since.elapsed());
        let last = self.last_miss.swap(now, Ordering::Relaxed);
        if self.is_of_a_cluster() && now.saturating_sub(last) > MISSED_TOGETHER {
            self.misses.store(0, Ordering::Relaxed);
        }
        self.missed.notify_one();
        self.misses.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_MISSED
    }

    /// Returns when an answer did not come in time.
    pub(super) async fn missed(&self) {
        self.missed.notified().await;
    }

    /// Asks for another connection in the place of this one.
    pub(super) fn want_another(&self) {
        self.other_is_wanted.notify_one();
    }

    /// Returns when another connection is wanted in the place of this one.
    pub(super) async fn other_is_wanted(&self) {
        self.other_is_wanted.notified().await;
    }

    /// Returns when the server has closed the connection. That of a Cluster mends itself.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }
}
