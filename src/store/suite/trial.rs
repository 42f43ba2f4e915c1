//! What a row works with: the store, the time, names of its own, and callers at once.

use std::fmt::{self, Debug, Display};
use std::ops::RangeInclusive;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::super::error::StoreError;
use super::super::keys::{ItemKey, LeaseOwner, SessionAddress, SessionKey, UserKey};
use super::super::session_store::SessionStore;
use super::time::Time;

/// How many callers there are where many call at once.
pub(super) const CALLERS: usize = 50;

/// How often callers meet, since two that should have met may have missed each other.
pub(super) const ROUNDS: usize = 5;

/// How long something lasts that is to outlast its row.
pub(super) const LONG: Duration = Duration::from_secs(3600);

/// More sessions than any row has of one user.
pub(super) const NO_CAP: usize = 1000;

/// How much of an answer is shown.
const SHOWN: usize = 300;

/// What did not hold, for people.
pub(super) struct Wrong(String);

pub(super) type Verdict<T = ()> = Result<T, Wrong>;

impl Wrong {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Wrong(text.into())
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row asks for nothing that a store may refuse unless it says so.
impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Wrong(format!("a call failed: {error}"))
    }
}

/// One run of one row.
pub(super) struct Trial {
    pub(super) store: Arc<dyn SessionStore>,
    /// How long something lasts that the row waits for.
    pub(super) unit: Duration,
    time: Arc<dyn Time>,
    begun: Instant,
    past: Mutex<Past>,
}

#[derive(Clone, Copy, Default)]
struct Past {
    /// How much time was to pass.
    passed: Duration,
    /// How long the suite meant to wait for that.
    waited: Duration,
}

/// A moment, for which a row can tell later how long ago it was.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    passed: Duration,
    at: Instant,
}

impl Trial {
    pub(super) fn new(store: Arc<dyn SessionStore>, time: Arc<dyn Time>, unit: Duration) -> Self {
        Trial { store, unit, time, begun: Instant::now(), past: Mutex::default() }
    }

    fn past(&self) -> Past {
        *self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long the row took beside the time that it meant to let pass.
    pub(super) fn busy_for(&self) -> Duration {
        self.begun.elapsed().saturating_sub(self.past().waited)
    }

    /// Lets all pass that lasts a [`unit`](Self::unit).
    pub(super) async fn pass(&self) {
        let (duration, begun) = (self.unit + self.unit / 2, Instant::now());
        self.time.pass(duration).await;
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        past.passed += duration;
        past.waited += begun.elapsed().min(duration);
    }

    pub(super) fn now(&self) -> Moment {
        Moment { passed: self.past().passed, at: Instant::now() }
    }

    /// How long ago the moment was, as well as it can be known: time may be moved or the machine's own, and the store may
    /// tell it to half a unit.
    pub(super) fn since(&self, moment: Moment) -> RangeInclusive<Duration> {
        let (least, slack) = (self.past().passed.saturating_sub(moment.passed), self.unit / 2);
        least.saturating_sub(slack)..=least + moment.at.elapsed() + slack
    }

    /// How much is left of a duration that began at the moment, as well as it can be known.
    pub(super) fn left(&self, duration: Duration, moment: Moment) -> RangeInclusive<Duration> {
        let (least, slack) = (self.past().passed.saturating_sub(moment.passed), self.unit / 2);
        duration.saturating_sub(least + moment.at.elapsed() + slack)..=duration.saturating_sub(least) + slack
    }

    /// Has this many call the store at the same time, each from a thread of its own, and returns their answers.
    pub(super) async fn at_once<T, F>(
        &self,
        callers: usize,
        call: impl Fn(Arc<dyn SessionStore>, usize) -> F,
    ) -> Verdict<Vec<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        let (runtime, start) = (Handle::current(), Arc::new(Barrier::new(callers)));
        let called = |caller| {
            let (future, runtime, start) = (call(self.store.clone(), caller), runtime.clone(), start.clone());
            let (answer, answered) = oneshot::channel();
            thread::spawn(move || {
                start.wait();
                let _ = answer.send(runtime.block_on(future));
            });
            answered
        };
        let mut answers = Vec::with_capacity(callers);
        for answered in (0..callers).map(called).collect::<Vec<_>>() {
            let answer = answered.await.map_err(|_| Wrong::new("the store ended a call by a panic"))?;
            answers.push(answer?);
        }
        Ok(answers)
    }
}

pub(super) fn user() -> UserKey {
    UserKey::new(rand::random())
}

pub(super) fn session() -> SessionKey {
    SessionKey::new(rand::random())
}

pub(super) fn address() -> SessionAddress {
    address_of(user())
}

pub(super) fn address_of(user: UserKey) -> SessionAddress {
    SessionAddress { user, session: session() }
}

pub(super) fn item() -> ItemKey {
    ItemKey::new(rand::random())
}

pub(super) fn owner() -> LeaseOwner {
    LeaseOwner::new(rand::random())
}

/// The value of a caller.
pub(super) fn value_of(caller: usize) -> Vec<u8> {
    format!("the value of caller {caller}").into_bytes()
}

/// Requires an answer to be as expected.
pub(super) fn same<T: PartialEq + Debug>(what: &str, got: T, expected: T) -> Verdict {
    if got == expected { Ok(()) } else { Err(unlike(what, &got, &expected)) }
}

/// Requires a single value to be this text.
pub(super) fn is_value(what: &str, got: Option<Vec<u8>>, expected: &str) -> Verdict {
    let got = got.map(|value| String::from_utf8_lossy(&value).into_owned());
    same(what, got.as_deref(), Some(expected))
}

pub(super) fn unlike(what: &str, got: &impl Debug, expected: &impl Debug) -> Wrong {
    Wrong(format!("{what}: expected {}, got {}", shown(expected), shown(got)))
}

pub(super) fn within(what: &str, got: Duration, expected: RangeInclusive<Duration>) -> Verdict {
    if expected.contains(&got) { Ok(()) } else { Err(unlike(what, &got, &expected)) }
}

pub(super) fn holds(what: &str, it_holds: bool) -> Verdict {
    if it_holds { Ok(()) } else { Err(Wrong::new(what)) }
}

/// Requires an answer to be [`StoreError::Refused`].
pub(super) fn refused<T: Debug>(what: &str, got: &Result<T, StoreError>) -> Verdict {
    match got {
        Err(StoreError::Refused(_)) => Ok(()),
        other => Err(Wrong(format!("{what}: expected it refused, got {}", shown(other)))),
    }
}

/// The beginning of it.
fn shown(it: &impl Debug) -> String {
    let text = format!("{it:?}");
    if text.chars().nth(SHOWN).is_none() {
        return text;
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}
