//! Answers that are held back.

use std::sync::Arc;

use rocket::tokio::sync::watch;

/// Holds back the answers of an endpoint until it is dropped: what
/// [`LocalPool::hold`](crate::local_pool::LocalPool::hold) returns.
#[must_use = "answers are held back until this is dropped"]
pub struct Hold(Arc<Gate>);

/// What answers pass on their way out.
#[derive(Default)]
pub(crate) struct Gate {
    holds: watch::Sender<usize>,
    waiting: watch::Sender<usize>,
}

/// One answer that is being held back.
struct Waiting<'g>(&'g Gate);

impl Hold {
    pub(crate) fn of(gate: Arc<Gate>) -> Self {
        gate.holds.send_modify(|holds| *holds += 1);
        Hold(gate)
    }

    /// Returns once at least so many answers are held back: their requests have been carried out.
    pub async fn reached(&self, answers: usize) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.0.waiting.subscribe().wait_for(|waiting| *waiting >= answers).await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.holds.send_modify(|holds| *holds -= 1);
    }
}

impl std::fmt::Debug for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hold").field("waiting", &*self.0.waiting.borrow()).finish()
    }
}

impl Gate {
    /// Waits until nobody holds answers back.
    pub(crate) async fn pass(&self) {
        let mut holds = self.holds.subscribe();
        if *holds.borrow_and_update() == 0 {
            return;
        }
        self.waiting.send_modify(|waiting| *waiting += 1);
        let _waiting = Waiting(self);
        let _ = holds.wait_for(|holds| *holds == 0).await;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|waiting| *waiting -= 1);
    }
}
