//! The way to a server: a connection that is replaced whenever it is of no use any more.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use redis::{Cmd, Value};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};

use super::connect::{Dialer, NotConnected, sign_of_life};
use super::connection::Connection;
use super::credentials::CredentialsSource;
use super::failure::{Failure, failure};
use crate::config::RedisSettings;
use crate::store::error::StoreError;
use crate::telemetry::{Event, StoreEvent, emit};

/// How long a command may take, the wait for a connection included.
const DEADLINE: Duration = Duration::from_secs(1);
/// Between two attempts to connect, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const PING_EVERY: Duration = Duration::from_secs(60);
/// Short-lived credentials are asked for anew so often. Tokens of IAM are valid for 15 minutes.
const NEW_CREDENTIALS_EVERY: Duration = Duration::from_secs(600);
const NEW_CREDENTIALS_AGAIN: Duration = Duration::from_secs(30);

/// The way to a server. A task of its own keeps it connected from the first command on, until it is dropped.
pub(super) struct Link {
    shared: Arc<Shared>,
}

struct Shared {
    dialer: Dialer,
    state: watch::Sender<State>,
    is_started: AtomicBool,
}

#[derive(Clone)]
enum State {
    /// The first attempt, or the first one after a connection was lost, is under way. Commands wait for it.
    Connecting,
    /// That attempt takes longer than commands may wait. They fail at once.
    Late,
    Up(Arc<Connection>),
    /// The last attempt has failed, and the next one will be made shortly. Commands fail at once.
    Down(NotConnected),
}

impl Link {
    pub(super) fn new(dialer: Dialer) -> Self {
        let (state, _) = watch::channel(State::Connecting);
        Link { shared: Arc::new(Shared { dialer, state, is_started: AtomicBool::new(false) }) }
    }

    /// The way to the same server, with credentials from elsewhere.
    pub(super) fn with_credentials(&self, credentials: CredentialsSource) -> Self {
        Link::new(Dialer::new(self.settings().clone(), credentials))
    }

    pub(super) fn settings(&self) -> &RedisSettings {
        &self.shared.dialer.settings
    }

    /// Sends a command, and returns the answer with the connection that it came by.
    pub(super) async fn call(&self, command: &Cmd) -> Result<(Value, Arc<Connection>), Failure> {
        let ends_at = Instant::now() + DEADLINE;
        let connection = match timeout_at(ends_at, self.connection()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(reason)) => return Err(Failure::Broken(reason.into_error())),
            Err(_) => return Err(Failure::Broken(too_late())),
        };
        match timeout_at(ends_at, connection.send(command)).await {
            Ok(Ok(answer)) => Ok((answer, connection)),
            Ok(Err(error)) => {
                let failure = failure(&error);
                if let Failure::Broken(reason) = &failure {
                    self.shared.give_up(&connection, reason);
                }
                Err(failure)
            }
            Err(_) => {
                let reason = too_late();
                if connection.miss() {
                    self.shared.give_up(&connection, &reason);
                }
                Err(Failure::Broken(reason))
            }
        }
    }

    /// The connection in use, or the first one, for which a command may wait.
    async fn connection(&self) -> Result<Arc<Connection>, NotConnected> {
        self.keep_connected();
        if let State::Up(connection) = &*self.shared.state.borrow() {
            return Ok(Arc::clone(connection));
        }
        self.state_that_is_not(|state| matches!(state, State::Connecting)).await
    }

    /// Waits until the first attempt to connect has succeeded or failed, however long it takes.
    pub(super) async fn first_attempt(&self) -> Result<(), NotConnected> {
        self.keep_connected();
        self.state_that_is_not(|state| matches!(state, State::Connecting | State::Late)).await.map(drop)
    }

    fn keep_connected(&self) {
        if !self.shared.is_started.swap(true, Ordering::Relaxed) {
            tokio::spawn(keep_connected(Arc::downgrade(&self.shared), self.shared.state.subscribe()));
        }
    }

    async fn state_that_is_not(
        &self,
        is_passing: impl Fn(&State) -> bool,
    ) -> Result<Arc<Connection>, NotConnected> {
        let mut states = self.shared.state.subscribe();
        let state = states.wait_for(|state| !is_passing(state)).await;
        match state.as_deref() {
            Ok(State::Up(connection)) => Ok(Arc::clone(connection)),
            Ok(State::Down(reason)) => Err(reason.clone()),
            Ok(State::Connecting | State::Late) | Err(_) => Err(NotConnected::Unavailable(too_late())),
        }
    }

    /// What time it is at the server, in milliseconds since 1970, by as much later as tests have moved the app's clock.
    pub(super) async fn now(&self, ahead: Duration) -> Result<u64, StoreError> {
        let connection = timeout(DEADLINE, self.connection()).await;
        let connection = connection.unwrap_or_else(|_| Err(NotConnected::Unavailable(too_late())));
        connection.map(|connection| connection.clock.now(ahead)).map_err(NotConnected::into_error)
    }
}

fn too_late() -> StoreError {
    StoreError::Unavailable(format!("no answer within {} second", DEADLINE.as_secs()))
}

impl Shared {
    /// Waits for an attempt to connect. Commands do not wait for one that takes longer than they may.
    async fn in_sight_of_commands(
        &self,
        connecting: impl Future<Output = Result<Connection, NotConnected>>,
    ) -> Result<Connection, NotConnected> {
        let mut connecting = pin!(connecting);
        if let Ok(connected) = timeout(DEADLINE, &mut connecting).await {
            return connected;
        }
        self.state.send_if_modified(|state| match state {
            State::Connecting => {
                *state = State::Late;
                true
            }
            _ => false,
        });
        connecting.await
    }

    /// Gives a connection up, if it is still the one in use.
    fn give_up(&self, connection: &Arc<Connection>, reason: &StoreError) {
        let is_lost = self.state.send_if_modified(|state| match state {
            State::Up(present) if Arc::ptr_eq(present, connection) => {
                *state = State::Connecting;
                true
            }
            _ => false,
        });
        if is_lost {
            emit(Event::Store(StoreEvent::Lost { reason }));
        }
    }
}

/// Notes the end of the task that keeps a link connected, should its runtime end before the link.
struct Started(Weak<Shared>);

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            shared.is_started.store(false, Ordering::Relaxed);
        }
    }
}

/// Connects, and connects again whenever that is needed. It ends with the link.
async fn keep_connected(link: Weak<Shared>, mut states: watch::Receiver<State>) {
    let _started = Started(link.clone());
    let mut attempt = 0;
    loop {
        let mut pause = FIRST_PAUSE;
        let connection = loop {
            let Some(shared) = link.upgrade() else { return };
            let connecting = shared.dialer.connect(attempt);
            attempt = attempt.wrapping_add(1);
            match shared.in_sight_of_commands(connecting).await {
                Ok(connection) => {
                    let connection = Arc::new(connection);
                    shared.state.send_replace(State::Up(Arc::clone(&connection)));
                    if attempt > 1 {
                        emit(Event::Store(StoreEvent::Regained));
                    }
                    break connection;
                }
                Err(reason) => _ = shared.state.send_replace(State::Down(reason)),
            }
            drop(shared);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        };
        states.mark_unchanged();
        if stay_connected(&link, &mut states, connection).await.is_none() {
            return;
        }
    }
}

/// Returns when the connection is of no use any more; `None` when nobody uses the link any more.
async fn stay_connected(
    link: &Weak<Shared>,
    states: &mut watch::Receiver<State>,
    mut connection: Arc<Connection>,
) -> Option<()> {
    let has_short_lived_credentials = link.upgrade()?.dialer.has_short_lived_credentials();
    let mut new_credentials_at = Instant::now() + NEW_CREDENTIALS_EVERY;
    let mut ping_at = Instant::now() + PING_EVERY;
    loop {
        tokio::select! {
            is_over = is_over(states) => return (!is_over).then_some(()),
            () = connection.closed() => {
                let reason = StoreError::Unavailable("the server has closed the connection".into());
                link.upgrade()?.give_up(&connection, &reason);
                return Some(());
            }
            () = sleep_until(ping_at) => {
                ping_at = Instant::now() + PING_EVERY;
                ping(&*link.upgrade()?, &connection).await;
            }
            () = sleep_until(new_credentials_at), if has_short_lived_credentials => {
                let shared = link.upgrade()?;
                new_credentials_at = Instant::now() + NEW_CREDENTIALS_EVERY;
                match shared.dialer.connect(0).await {
                    Ok(fresh) => {
                        connection = Arc::new(fresh);
                        shared.state.send_replace(State::Up(Arc::clone(&connection)));
                    }
                    Err(reason) => {
                        let reason = reason.into_error();
                        emit(Event::Store(StoreEvent::NotSignedInAnew { reason: &reason }));
                        new_credentials_at = Instant::now() + NEW_CREDENTIALS_AGAIN;
                    }
                }
            }
        }
    }
}

/// Returns when there is no connection any more: `true` when nobody uses the link any more.
async fn is_over(states: &mut watch::Receiver<State>) -> bool {
    states.wait_for(|state| !matches!(state, State::Up(_))).await.is_err()
}

/// Asks for a sign of life, and for the time; gives the connection up where there is none, or where it leads to what has
/// become a replica, which answers reads as before.
async fn ping(shared: &Shared, connection: &Arc<Connection>) {
    loop {
        match timeout(DEADLINE, sign_of_life(&connection.channel)).await {
            Ok(Ok(now)) => return connection.clock.set(now),
            Ok(Err(Failure::Broken(reason))) => return shared.give_up(connection, &reason),
            Ok(Err(_)) => return,
            Err(_) if connection.miss() => return shared.give_up(connection, &too_late()),
            Err(_) => {}
        }
    }
}
