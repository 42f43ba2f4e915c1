//! Deadlines for calls of which nearly all end at once, so that those set no timer.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a call takes at most before it sets a timer of its own.
const TICK: Duration = Duration::from_millis(250);

/// One timer for all calls of a runtime. To set one for each and drop it at once takes two system calls, since a runtime at
/// rest has to be woken for a timer earlier than all others.
static TICKER: Ticker = Ticker { ticks: Notify::const_new(), runtime: Mutex::new(None) };

struct Ticker {
    ticks: Notify,
    /// The runtime that the next tick comes from, if one is to come. Others do without, as they may outlast it.
    runtime: Mutex<Option<Id>>,
}

/// What a call returns; `None` where it has not ended at `ends_at`.
pub(crate) async fn in_time<T>(ends_at: Instant, call: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        result = call => Some(result),
        () = passed(ends_at) => None,
    }
}

/// Returns at this moment.
async fn passed(ends_at: Instant) {
    if ends_at > Instant::now() + TICK {
        TICKER.next_tick().await;
    }
    sleep_until(ends_at).await;
}

impl Ticker {
    /// Returns within the time of a tick.
    async fn next_tick(&'static self) {
        let mut tick = pin!(self.ticks.notified());
        // Before the look at who ticks, so that no tick is missed.
        tick.as_mut().enable();
        match self.join(Handle::current().id()) {
            Joined::Ticking => {}
            Joined::First(next) => drop(tokio::spawn(async move {
                sleep(TICK).await;
                drop(next);
            })),
            Joined::Apart => return,
        }
        tick.await;
    }

    /// Has the next tick come from this runtime, unless one is to come already.
    fn join(&'static self, runtime: Id) -> Joined {
        let mut ticking = self.runtime();
        match *ticking {
            None => {
                *ticking = Some(runtime);
                Joined::First(NextTick(self))
            }
            Some(present) if present == runtime => Joined::Ticking,
            Some(_) => Joined::Apart,
        }
    }

    fn runtime(&self) -> MutexGuard<'_, Option<Id>> {
        self.runtime.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Joined {
    /// A tick is to come from this runtime.
    Ticking,
    /// So it is when this is dropped.
    First(NextTick),
    /// The next tick comes from another runtime.
    Apart,
}

/// A tick that is to come. It comes early where its runtime ends before.
struct NextTick(&'static Ticker);

impl Drop for NextTick {
    fn drop(&mut self) {
        *self.0.runtime() = None;
        self.0.ticks.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    /// A runtime whose time passes when nothing else is left to do.
    fn paused() -> Runtime {
        Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    /// How long a call without end was waited for, and what came of it.
    async fn wait(limit: Duration) -> (Duration, Option<()>) {
        let begun = Instant::now();
        let result = in_time(begun + limit, pending()).await;
        (begun.elapsed(), result)
    }

    #[test]
    fn a_call_is_given_up_at_its_deadline_and_not_before() {
        paused().block_on(async {
            assert_eq!(in_time(Instant::now() + LIMIT, ready(7)).await, Some(7));
            let slow = async { sleep(LIMIT - Duration::from_millis(1)).await };
            assert_eq!(in_time(Instant::now() + LIMIT, slow).await, Some(()));
            for limit in [Duration::ZERO, TICK, LIMIT, LIMIT * 60] {
                assert_eq!(wait(limit).await, (limit, None));
            }
            let together = tokio::join!(wait(LIMIT), wait(LIMIT / 2), wait(LIMIT * 2));
            assert_eq!(together, ((LIMIT, None), (LIMIT / 2, None), (LIMIT * 2, None)));
        });
    }

    /// Deadlines of one runtime hold while another one, from which the next tick was to come, stands still or has ended.
    #[test]
    fn no_runtime_waits_for_another() {
        let still = paused();
        still.block_on(async {
            assert_eq!(in_time(Instant::now() + LIMIT, tokio::task::yield_now()).await, Some(()))
        });
        assert_eq!(paused().block_on(wait(LIMIT)), (LIMIT, None));
        drop(still);
        assert_eq!(paused().block_on(wait(LIMIT)), (LIMIT, None));
    }
}
