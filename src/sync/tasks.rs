//! Work in the background that a stop waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much work is under way in the background.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<AtomicUsize>);

/// One piece of work. It ends when this is dropped, however that comes.
struct UnderWay(Arc<AtomicUsize>);

impl Tasks {
    /// Whether none is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    /// Does the work in a task of its own.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.track(work));
    }

    /// The work, which is under way from now on.
    pub(crate) fn track<T, F: Future<Output = T>>(&self, work: F) -> impl Future<Output = T> + use<T, F> {
        self.0.fetch_add(1, Ordering::AcqRel);
        let under_way = UnderWay(Arc::clone(&self.0));
        async move {
            let result = work.await;
            drop(under_way);
            result
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_under_way_until_it_ends_is_dropped_or_panics() {
        let tasks = Tasks::default();
        let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
        tasks.spawn(async { drop(gone_on.await) });
        drop(tasks.track(std::future::pending::<()>()));
        let failed = tokio::spawn(tasks.track(async { panic!("a task that fails") }));
        assert!(failed.await.is_err() && !tasks.is_idle());
        drop(go_on);
        while !tasks.is_idle() {
            tokio::task::yield_now().await;
        }
    }
}
