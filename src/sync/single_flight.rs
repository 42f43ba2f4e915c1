//! One does the work, the others wait for its result.
//!
//! The work runs in a task of its own, so that a visitor who leaves takes nothing from the others. Work that borrows
//! from a request cannot; there a [`OnceCell`](tokio::sync::OnceCell) hands it on to the next who waits.

use tokio::sync::watch;

/// The work ended without a result: its task panicked, or was dropped with the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lost;

/// The one who does the work. Dropped before it [finishes](Self::finish), it leaves its followers with [`Lost`].
pub(crate) struct Leader<R>(watch::Sender<Option<R>>);

/// One who waits for the result, for as long as it likes.
pub(crate) struct Follower<R>(watch::Receiver<Option<R>>);

/// The two ends of a piece of work that begins now.
pub(crate) fn single_flight<R>() -> (Leader<R>, Follower<R>) {
    let (leader, follower) = watch::channel(None);
    (Leader(leader), Follower(follower))
}

impl<R> Leader<R> {
    /// Does the work in a task of its own, and follows it.
    pub(crate) fn spawn<F>(self, work: impl FnOnce(Self) -> F) -> Follower<R>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let follower = Follower(self.0.subscribe());
        tokio::spawn(work(self));
        follower
    }

    /// Hands the result to all followers, those who come later included.
    pub(crate) fn finish(self, result: R) {
        self.0.send_replace(Some(result));
    }
}

impl<R> Follower<R> {
    /// Waits for the result.
    pub(crate) async fn result(mut self) -> Result<R, Lost>
    where
        R: Clone,
    {
        let result = self.0.wait_for(Option::is_some).await;
        result.ok().and_then(|result| result.clone()).ok_or(Lost)
    }

    /// Whether there is a result already, and it `is_such`.
    pub(crate) fn has_result(&self, is_such: impl FnOnce(&R) -> bool) -> bool {
        self.0.borrow().as_ref().is_some_and(is_such)
    }

    /// Whether the leader has neither finished nor been lost.
    pub(crate) fn is_waiting(&self) -> bool {
        self.0.has_changed().is_ok()
    }
}

impl<R> Clone for Follower<R> {
    fn clone(&self) -> Self {
        Follower(self.0.clone())
    }
}

/// Work that is done again and again, by one at a time. Work that was lost may begin anew.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct SingleFlight<R> {
    latest: Option<Follower<R>>,
}

impl<R> SingleFlight<R> {
    /// Follows the work that is under way, if there is any.
    pub(crate) fn follow(&self) -> Option<Follower<R>> {
        self.latest.clone().filter(Follower::is_waiting)
    }

    /// Whether somebody leads, and has neither finished nor been lost.
    pub(crate) fn is_under_way(&self) -> bool {
        self.latest.as_ref().is_some_and(Follower::is_waiting)
    }

    /// Begins the work. Where it is under way already, both go on, and whoever comes follows the later one.
    pub(crate) fn lead(&mut self) -> Leader<R> {
        let (leader, follower) = single_flight();
        self.latest = Some(follower);
        leader
    }

    /// Forgets the work, and its result. Those who follow it still get the result.
    pub(crate) fn clear(&mut self) {
        self.latest = None;
    }
}

impl<R> Default for SingleFlight<R> {
    fn default() -> Self {
        SingleFlight { latest: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_followers_get_the_one_result_whenever_they_come() {
        let (leader, early) = single_flight();
        let other = early.clone();
        let leading = leader.spawn(|leader| async move {
            tokio::task::yield_now().await;
            leader.finish("done");
        });
        assert_eq!(early.result().await, Ok("done"));
        assert_eq!(other.clone().result().await, Ok("done"));
        assert_eq!(leading.result().await, Ok("done"));
        assert!(other.has_result(|result| *result == "done"));
    }

    #[tokio::test]
    async fn work_goes_on_when_everybody_has_left() {
        let (leader, follower) = single_flight();
        let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
        drop(leader.spawn(|leader| async move {
            gone_on.await.unwrap();
            leader.finish(1);
        }));
        go_on.send(()).unwrap();
        assert_eq!(follower.result().await, Ok(1));
    }

    #[tokio::test]
    async fn lost_work_is_an_answer_of_its_own_and_begins_anew() {
        let mut work = SingleFlight::<u8>::default();
        let follower = work.lead().spawn(|leader| async move { drop(leader) });
        assert_eq!(follower.clone().result().await, Err(Lost));
        assert!(!follower.has_result(|_| true));
        assert!(work.follow().is_none() && !work.is_under_way());
        let leader = work.lead();
        assert!(work.is_under_way());
        let follower = work.follow().unwrap();
        leader.finish(2);
        assert_eq!(follower.result().await, Ok(2));
        assert!(work.follow().is_none(), "it has ended");
    }

    #[tokio::test]
    async fn cleared_work_still_has_its_result_for_those_who_wait() {
        let mut work = SingleFlight::default();
        let leader = work.lead();
        let follower = work.follow().unwrap();
        work.clear();
        assert!(work.follow().is_none());
        leader.finish(3);
        assert_eq!(follower.result().await, Ok(3));
    }
}
