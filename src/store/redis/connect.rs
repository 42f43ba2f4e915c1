//! From settings to a connection: one server, a Cluster, or the primary that Sentinels name.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::cluster::ClusterClientBuilder;
use redis::{AsyncConnectionConfig, Client, Cmd, PushInfo, PushKind, RedisError};
use rocket::futures::stream::FuturesUnordered;
use rocket::futures::{FutureExt, StreamExt};
use tokio::time::{sleep, timeout};

use super::client_info::{certificates, client_info, tcp_settings};
use super::connection::{Channel, Closed, Connection};
use super::credentials::{CredentialsSource, StoreCredentials};
use super::failure::{Failure, failure};
use super::reply::Reply;
use super::sentinel::primary;
use super::server_clock::ServerClock;
use super::server_info::{Mode, ServerInfo, evicting_policy};
use crate::config::{RedisSettings, StoreAddress};
use crate::store::error::StoreError;
use crate::telemetry::{Counts, Event, Hook, StoreEvent, emit};

/// For one server to accept a connection and a sign-in. A Cluster asks several.
const DEADLINE: Duration = Duration::from_secs(1);
/// Between the first tries of two addresses.
const STAGGER: Duration = Duration::from_millis(250);
/// For the app's own code to get credentials, or a file to be read.
const CREDENTIALS_DEADLINE: Duration = Duration::from_secs(10);
/// For one node of a Cluster to answer. While the client waits for a silent one, it serves nobody.
const NODE_DEADLINE: Duration = Duration::from_millis(500);
const CLUSTER_DEADLINE: Duration = Duration::from_secs(3);
/// How often a Cluster is asked again within the deadline of a command, and at which pace.
const CLUSTER_RETRIES: u32 = 8;
const CLUSTER_PAUSE_MILLISECONDS: (u64, u64) = (10, 200);

const REPLICA: &str = "the address leads to a replica, and no primary";

/// Connects, whenever it is asked to.
pub(super) struct Dialer {
    pub(super) settings: RedisSettings,
    credentials: CredentialsSource,
    pub(super) counts: Arc<Counts>,
    /// Whether the server's own settings have been looked at.
    is_examined: AtomicBool,
}

/// Why there is no connection.
#[derive(Debug, Clone)]
pub(super) enum NotConnected {
    /// It may be there in a moment.
    Unavailable(StoreError),
    /// The server asks for other credentials, or for some.
    NotAdmitted(StoreError),
    /// The settings do not fit what is there: what is wrong, and what to type.
    Misconfigured { problem: String, remedy: &'static str },
}

impl NotConnected {
    /// This, with the address that it is about.
    fn at(self, address: &StoreAddress) -> NotConnected {
        let located = |error| match error {
            StoreError::Unavailable(reason) => StoreError::Unavailable(format!("{address}: {reason}")),
            StoreError::Refused(reason) => StoreError::Refused(format!("{address}: {reason}")),
        };
        match self {
            NotConnected::Unavailable(error) => NotConnected::Unavailable(located(error)),
            NotConnected::NotAdmitted(error) => NotConnected::NotAdmitted(located(error)),
            misconfigured @ NotConnected::Misconfigured { .. } => misconfigured,
        }
    }

    pub(super) fn into_error(self) -> StoreError {
        match self {
            NotConnected::Unavailable(error) | NotConnected::NotAdmitted(error) => error,
            NotConnected::Misconfigured { problem, remedy } => {
                StoreError::Unavailable(format!("{problem}: {remedy}"))
            }
        }
    }
}

impl From<RedisError> for NotConnected {
    fn from(error: RedisError) -> Self {
        let reason = match failure(&error).into_error() {
            StoreError::Unavailable(reason) | StoreError::Refused(reason) => StoreError::Unavailable(reason),
        };
        match error.code() {
            Some("NOAUTH" | "NOPERM" | "WRONGPASS") => NotConnected::NotAdmitted(reason),
            _ => NotConnected::Unavailable(reason),
        }
    }
}

impl Dialer {
    pub(super) fn new(settings: RedisSettings, credentials: CredentialsSource, counts: &Arc<Counts>) -> Self {
        Dialer { settings, credentials, counts: Arc::clone(counts), is_examined: AtomicBool::new(false) }
    }

    /// Whether a connection is to be replaced from time to time, since its credentials go out of date.
    pub(super) fn has_short_lived_credentials(&self) -> bool {
        self.credentials.are_short_lived()
    }

    /// Connects. Each attempt begins with another address.
    pub(super) async fn connect(&self, attempt: usize) -> Result<Connection, NotConnected> {
        let credentials = self.credentials.current(&self.settings);
        let credentials = timeout(CREDENTIALS_DEADLINE, credentials).await.unwrap_or_else(|_| {
            let seconds = CREDENTIALS_DEADLINE.as_secs();
            Err(StoreError::Unavailable(format!("its credentials did not come within {seconds} seconds")))
        });
        if credentials.is_err() && self.has_short_lived_credentials() {
            self.counts.hook_failures.add(Hook::StoreCredentials);
        }
        let credentials = &credentials.map_err(NotConnected::Unavailable)?;
        let database = self.settings.database;
        let Some(master) = &self.settings.master else {
            let open = |address| async move {
                Ok((address, self.open(address, Some(credentials), database).await?))
            };
            let (address, opened) = self.first_of(attempt, open).await?;
            return self.use_opened(address, opened, credentials).await.map_err(|reason| reason.at(address));
        };
        let ask = |sentinel| self.primary_of(sentinel, master, credentials);
        let address = self.first_of(attempt, ask).await?;
        let connect = async {
            let (channel, info, closed) = self.open(&address, Some(credentials), database).await?;
            self.ready(channel, &info, closed).await
        };
        connect.await.map_err(|reason: NotConnected| reason.at(&address))
    }

    /// What the first address gives that gives something. A silent one holds the next up for a moment only.
    async fn first_of<'a, T, F>(
        &'a self,
        attempt: usize,
        ask: impl Fn(&'a StoreAddress) -> F,
    ) -> Result<T, NotConnected>
    where
        F: Future<Output = Result<T, NotConnected>>,
    {
        let addresses = &self.settings.addresses;
        let mut others: VecDeque<_> = addresses.iter().collect();
        others.rotate_left(attempt % addresses.len().max(1));
        let mut under_way = FuturesUnordered::new();
        let mut last = NotConnected::Unavailable(StoreError::Unavailable("it has no address".into()));
        loop {
            if let Some(address) = others.pop_front() {
                under_way.push(ask(address).map(move |done| done.map_err(|reason| reason.at(address))));
            }
            tokio::select! {
                done = under_way.next() => match done {
                    Some(Err(reason @ (NotConnected::Unavailable(_) | NotConnected::NotAdmitted(_)))) => last = reason,
                    Some(done) => return done,
                    None => return Err(last),
                },
                () = sleep(STAGGER), if !others.is_empty() => {}
            }
        }
    }

    /// The connection that begins with one to this server, which has said what it is.
    async fn use_opened(
        &self,
        address: &StoreAddress,
        (channel, info, closed): (Channel, ServerInfo, Closed),
        credentials: &StoreCredentials,
    ) -> Result<Connection, NotConnected> {
        match info.mode {
            Mode::Cluster => {
                let channel = self.cluster(credentials).await?;
                self.ready(channel, &ServerInfo { is_primary: true, ..info }, Closed::default()).await
            }
            Mode::Sentinel => Err(NotConnected::Misconfigured {
                problem: format!("{address} is a Sentinel"),
                remedy: "set `session_store_master` to the name that it knows the primary by",
            }),
            Mode::Standalone if self.settings.addresses.len() > 1 => Err(NotConnected::Misconfigured {
                problem: format!(
                    "`session_store` is a list, and {address} is neither of a Cluster nor a Sentinel"
                ),
                remedy: "give `session_store` the one address of the primary, or, for Sentinels, set \
                         `session_store_master`",
            }),
            Mode::Standalone => self.ready(channel, &info, closed).await,
        }
    }

    /// Asks a Sentinel for the address of the primary. Many Sentinels know no password, and none has databases.
    async fn primary_of(
        &self,
        sentinel: &StoreAddress,
        master: &str,
        credentials: &StoreCredentials,
    ) -> Result<StoreAddress, NotConnected> {
        let (channel, info, _) = match self.open(sentinel, None, 0).await {
            Ok(opened) => opened,
            Err(NotConnected::NotAdmitted(_)) => self.open(sentinel, Some(credentials), 0).await?,
            Err(other) => return Err(other),
        };
        if info.mode != Mode::Sentinel {
            return Err(NotConnected::Misconfigured {
                problem: format!("`session_store_master` is set, and {sentinel} is no Sentinel"),
                remedy: "leave `session_store_master` out, or list the addresses of Sentinels in `session_store`",
            });
        }
        within(DEADLINE, primary(&channel, master, sentinel.has_tls())).await?.ok_or_else(|| {
            NotConnected::Unavailable(StoreError::Unavailable(format!(
                "it knows no primary by the name `{master}` of `session_store_master`"
            )))
        })
    }

    /// Opens a connection to one server, which says what it is.
    async fn open(
        &self,
        address: &StoreAddress,
        credentials: Option<&StoreCredentials>,
        database: u32,
    ) -> Result<(Channel, ServerInfo, Closed), NotConnected> {
        let info = client_info(address, &self.settings.tls, database, credentials)?;
        let closed = Closed::default();
        let is_closed = Arc::clone(&closed);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    is_closed.notify_one();
                }
                Ok::<(), redis::aio::SendError>(())
            });
        let open = async {
            let client = Client::open(info)?;
            let channel = Channel::Node(client.get_multiplexed_async_connection_with_config(&config).await?);
            let info = hello(&channel).await?;
            Ok((channel, info, closed))
        };
        within(DEADLINE, open).await
    }

    async fn cluster(&self, credentials: &StoreCredentials) -> Result<Channel, NotConnected> {
        let RedisSettings { addresses, tls, database, .. } = &self.settings;
        let nodes = addresses.iter().map(|address| client_info(address, tls, *database, Some(credentials)));
        let (least, most) = CLUSTER_PAUSE_MILLISECONDS;
        let mut builder = ClusterClientBuilder::new(nodes.collect::<Result<Vec<_>, _>>()?)
            .tcp_settings(tcp_settings())
            .connection_timeout(NODE_DEADLINE)
            .response_timeout(NODE_DEADLINE)
            .overall_response_timeout(None)
            .retries(CLUSTER_RETRIES)
            .min_retry_wait(least)
            .max_retry_wait(most);
        if let Some(certificates) = certificates(tls) {
            builder = builder.certs(certificates);
        }
        let client = builder.build()?;
        Ok(Channel::Cluster(within(CLUSTER_DEADLINE, client.get_async_connection()).await?))
    }

    /// A connection that can be used, once the server has said what time it is.
    async fn ready(
        &self,
        channel: Channel,
        info: &ServerInfo,
        closed: Closed,
    ) -> Result<Connection, NotConnected> {
        if !info.is_primary {
            return Err(NotConnected::Unavailable(StoreError::Unavailable(REPLICA.to_owned())));
        }
        let now = within(DEADLINE, time(&channel)).await?;
        if !self.is_examined.load(Ordering::Relaxed) {
            examine(&channel, info).await;
            self.is_examined.store(true, Ordering::Relaxed);
        }
        Ok(Connection::new(channel, ServerClock::new(now), closed))
    }
}

async fn within<T>(
    deadline: Duration,
    work: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, NotConnected> {
    match timeout(deadline, work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(NotConnected::Unavailable(StoreError::Unavailable(format!(
            "no answer within {} s",
            deadline.as_secs()
        )))),
    }
}

/// What time it is at the server, in milliseconds since 1970, if it is still the primary. A Cluster's client knows which
/// node that is.
pub(super) async fn sign_of_life(channel: &Channel) -> Result<u64, Failure> {
    let of = |error: RedisError| failure(&error);
    if matches!(channel, Channel::Node(_)) && !hello(channel).await.map_err(of)?.is_primary {
        return Err(Failure::Broken(StoreError::Unavailable(REPLICA.to_owned())));
    }
    time(channel).await.map_err(of)
}

/// What a server says about itself.
async fn hello(channel: &Channel) -> Result<ServerInfo, RedisError> {
    let mut command = Cmd::new();
    command.arg("HELLO").arg(3);
    channel.send(&command).await.map(ServerInfo::parse)
}

/// What time it is at the server, in milliseconds since 1970.
async fn time(channel: &Channel) -> Result<u64, RedisError> {
    let mut command = Cmd::new();
    command.arg("TIME");
    let mut reply = Reply::new(channel.send(&command).await?);
    match (reply.number(), reply.number()) {
        (Some(seconds), Some(microseconds)) => {
            Ok(seconds.saturating_mul(1000).saturating_add(microseconds / 1000))
        }
        _ => Err((redis::ErrorKind::UnexpectedReturnType, "the time is not a time").into()),
    }
}

/// Reports what of a server's own settings endangers sessions. A managed server may not show them.
async fn examine(channel: &Channel, info: &ServerInfo) {
    if info.is_old() {
        emit(Event::Store(StoreEvent::OldServer { version: &info.version }));
    }
    let mut command = Cmd::new();
    command.arg("INFO").arg("memory");
    if let Ok(Ok(answer)) = timeout(DEADLINE, channel.send(&command)).await
        && let Some(policy) = evicting_policy(answer)
    {
        emit(Event::Store(StoreEvent::Evicts { policy: &policy }));
    }
}
