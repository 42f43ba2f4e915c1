//! A pool that serves while the load runs, on the load's core.

use std::ops::Deref;
use std::process::Command;
use std::sync::Arc;

use rocket::tokio::runtime::{Builder, Runtime};
use rocket_cognito::local_pool::LocalPool;

use crate::site::preparation::pool;

/// A pool whose threads run when nothing else wants their core: its signatures would slow the load down.
pub struct Pool {
    pool: Arc<LocalPool>,
    runtime: Runtime,
}

impl Pool {
    pub fn start() -> Self {
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().on_thread_start(stand_back).build();
        let runtime = runtime.expect("a runtime");
        let pool = runtime.block_on(LocalPool::start(pool())).expect("a pool");
        Pool { pool: Arc::new(pool), runtime }
    }

    /// Does something with the pool in such a thread.
    pub fn apart<T: Send + 'static>(&self, work: impl FnOnce(&LocalPool) -> T + Send + 'static) -> T {
        let pool = Arc::clone(&self.pool);
        let task = self.runtime.spawn_blocking(move || work(&pool));
        self.runtime.block_on(task).expect("work that does not panic")
    }

    /// The path of its keys.
    pub fn keys_path(&self) -> String {
        format!("/{}/.well-known/jwks.json", self.user_pool_id())
    }
}

impl Deref for Pool {
    type Target = LocalPool;

    fn deref(&self) -> &LocalPool {
        &self.pool
    }
}

/// Puts this thread into the class of idle work.
fn stand_back() {
    let thread = std::fs::read_link("/proc/thread-self").expect("this thread");
    let id = thread.file_name().expect("its number");
    let done = Command::new("chrt").args(["--idle", "--pid", "0"]).arg(id).status().expect("chrt is there");
    assert!(done.success(), "chrt failed");
}
