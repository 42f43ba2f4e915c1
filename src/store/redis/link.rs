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
use crate::sync::in_time;
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
        let dialer = &self.shared.dialer;
        Link::new(Dialer::new(dialer.settings.clone(), credentials, &dialer.counts))
    }

    pub(super) fn settings(&self) -> &RedisSettings {
        &self.shared.dialer.settings
    }

    /// When a command that begins now has to end.
    pub(super) fn deadline() -> Instant {
        Instant::now() + DEADLINE
    }

    /// The connection in use, or the first one, for which a command may wait.
    pub(super) async fn connection(&self, ends_at: Instant) -> Result<Arc<Connection>, StoreError> {
        self.keep_connected();
        if let State::Up(connection) = &*self.shared.state.borrow() {
            return Ok(Arc::clone(connection));
        }
        let state = self.state_that_is_not(|state| matches!(state, State::Connecting));
        let state = timeout_at(ends_at, state).await.map_err(|_| too_late())?;
        state.map_err(NotConnected::into_error)
    }

    /// Sends a command, and returns the answer.
    pub(super) async fn call(
        &self,
        connection: &Arc<Connection>,
        command: &Cmd,
        ends_at: Instant,
    ) -> Result<Value, Failure> {
        // What has waited long for a connection says nothing about it.
        let has_time = ends_at.saturating_duration_since(Instant::now()) * 2 > DEADLINE;
        let failure = match in_time(ends_at, connection.send(command)).await {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(error)) if error.is_timeout() => Failure::Late(too_late()),
            Some(Err(error)) => failure(&error),
            None => Failure::Late(too_late()),
        };
        match &failure {
            Failure::Broken(reason) => self.shared.give_up(connection, reason),
            Failure::Late(reason) if has_time && connection.miss() => self.shared.give_up(connection, reason),
            _ => {}
        }
        Err(failure)
    }

    /// Waits until the first attempt to connect has succeeded or failed, however long it takes.
    pub(super) async fn first_attempt(&self) -> Result<(), NotConnected> {
        self.keep_connected();
        self.state_that_is_not(|state| matches!(state, State::Connecting | State::Late)).await.map(drop)
    }

    fn keep_connected(&self) {
        if !self.shared.is_started.swap(true, Ordering::Relaxed) {
            self.shared.state.send_replace(State::Connecting);
            let started = Started(Arc::downgrade(&self.shared));
            tokio::spawn(keep_connected(started, self.shared.state.subscribe()));
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
        self.leave_connecting(State::Late);
        connecting.await
    }

    /// Has commands fail at once from now on, if they wait for an attempt.
    fn leave_connecting(&self, next: State) {
        self.state.send_if_modified(|state| {
            let is_waited_for = matches!(state, State::Connecting);
            if is_waited_for {
                *state = next;
            }
            is_waited_for
        });
    }

    /// Gives a connection up, if it is still the one in use. That to a Cluster stays until there is another one, since it
    /// may be of use at all nodes but one.
    fn give_up(&self, connection: &Arc<Connection>, reason: &StoreError) {
        if connection.is_of_a_cluster() {
            return connection.want_another();
        }
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

/// Notes the end of the task that keeps a link connected, should its runtime end before the link. The next command begins
/// another.
struct Started(Weak<Shared>);

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(shared) = self.0.upgrade() {
            let reason = StoreError::Unavailable("the task that keeps it connected has ended".into());
            shared.state.send_replace(State::Down(NotConnected::Unavailable(reason)));
            shared.is_started.store(false, Ordering::Relaxed);
        }
    }
}

/// Connects, and connects again whenever that is needed. It ends with the link.
async fn keep_connected(started: Started, mut states: watch::Receiver<State>) {
    let link = &started.0;
    let (mut attempt, mut pause) = (0, FIRST_PAUSE);
    let mut was_connected = false;
    loop {
        let Some(shared) = link.upgrade() else { return };
        let connecting = shared.dialer.connect(attempt);
        attempt += 1;
        match shared.in_sight_of_commands(connecting).await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                shared.state.send_replace(State::Up(Arc::clone(&connection)));
                if std::mem::replace(&mut was_connected, true) {
                    shared.dialer.counts.store_reconnections.add();
                    emit(Event::Store(StoreEvent::Regained));
                }
                drop(shared);
                let since = Instant::now();
                if stay_connected(link, &mut states, connection, &mut attempt).await.is_none() {
                    return;
                }
                // A server that accepts connections and ends them is not asked again and again at once.
                if since.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                    continue;
                }
                let Some(shared) = link.upgrade() else { return };
                let reason = StoreError::Unavailable("the server ends each connection at once".into());
                shared.leave_connecting(State::Down(NotConnected::Unavailable(reason)));
            }
            Err(reason) => {
                shared.state.send_replace(State::Down(reason));
                drop(shared);
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Returns when the connection is of no use any more; `None` when nobody uses the link any more.
async fn stay_connected(
    link: &Weak<Shared>,
    states: &mut watch::Receiver<State>,
    mut connection: Arc<Connection>,
    attempt: &mut usize,
) -> Option<()> {
    let has_short_lived_credentials = link.upgrade()?.dialer.has_short_lived_credentials();
    let mut new_credentials_at = Instant::now() + NEW_CREDENTIALS_EVERY;
    let mut ping_at = Instant::now() + PING_EVERY;
    loop {
        let due = tokio::select! {
            is_over = is_over(states) => return (!is_over).then_some(()),
            () = connection.closed() => {
                let reason = StoreError::Unavailable("the server has closed the connection".into());
                link.upgrade()?.give_up(&connection, &reason);
                return Some(());
            }
            () = connection.missed() => Due::Ping,
            () = sleep_until(ping_at) => Due::Ping,
            () = connection.other_is_wanted() => Due::Replacement,
            () = sleep_until(new_credentials_at), if has_short_lived_credentials => Due::NewCredentials,
        };
        let shared = link.upgrade()?;
        if due == Due::Ping {
            tokio::select! {
                is_over = is_over(states) => return (!is_over).then_some(()),
                () = ping(&shared, &connection) => {}
            }
            ping_at = Instant::now() + PING_EVERY;
            continue;
        }
        let connecting = shared.dialer.connect(*attempt);
        *attempt += 1;
        let replacement = tokio::select! {
            is_over = is_over(states) => return (!is_over).then_some(()),
            replacement = connecting => replacement,
        };
        match replacement {
            Ok(fresh) => {
                if due == Due::Replacement {
                    shared.dialer.counts.store_reconnections.add();
                }
                connection = Arc::new(fresh);
                shared.state.send_replace(State::Up(Arc::clone(&connection)));
                new_credentials_at = Instant::now() + NEW_CREDENTIALS_EVERY;
            }
            Err(reason) if due == Due::Replacement => {
                emit(Event::Store(StoreEvent::Lost { reason: &reason.clone().into_error() }));
                if !serves_somewhere(&connection).await {
                    shared.state.send_replace(State::Down(reason));
                    return Some(());
                }
                connection.want_another();
            }
            Err(reason) => {
                let reason = reason.into_error();
                emit(Event::Store(StoreEvent::NotSignedInAnew { reason: &reason }));
                new_credentials_at = Instant::now() + NEW_CREDENTIALS_AGAIN;
            }
        }
        if due == Due::Replacement {
            // While a node is silent, each connection to its Cluster is wanted replaced.
            sleep(LONGEST_PAUSE).await;
        }
    }
}

/// What is to be done about a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Ping,
    Replacement,
    NewCredentials,
}

/// Returns when there is no connection any more: `true` when nobody uses the link any more.
async fn is_over(states: &mut watch::Receiver<State>) -> bool {
    states.wait_for(|state| !matches!(state, State::Up(_))).await.is_err()
}

/// Whether any node of a Cluster still answers, of some that are chosen by chance.
async fn serves_somewhere(connection: &Connection) -> bool {
    for _ in 0..3 {
        if let Ok(Ok(_)) = timeout(DEADLINE, sign_of_life(&connection.channel)).await {
            return true;
        }
    }
    false
}

/// Asks the server for the time. Gives the connection up if no answer comes, or if the server has become a replica, which
/// answers reads as before.
async fn ping(shared: &Shared, connection: &Arc<Connection>) {
    loop {
        match timeout(DEADLINE, sign_of_life(&connection.channel)).await {
            Ok(Ok(now)) => {
                connection.note_answer();
                return connection.clock.set(now);
            }
            Ok(Err(Failure::Broken(reason))) => return shared.give_up(connection, &reason),
            Ok(Err(_)) => return,
            Err(_) if connection.miss() => return shared.give_up(connection, &too_late()),
            Err(_) => {}
        }
    }
}
