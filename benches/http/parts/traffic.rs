//! Guarded requests that go on while something else happens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::thread;
use std::time::Instant;

use crate::site::requests::{Case, Connection};

const CONNECTIONS: usize = 2;

/// A request that was answered.
pub struct Answered {
    pub asked_at: Instant,
    pub microseconds: f64,
}

/// What the connections ask for at the moment, and until when.
pub struct Traffic {
    case: RwLock<Arc<Case>>,
    is_over: AtomicBool,
}

impl Traffic {
    /// Asks back to back, over a few connections, until `meanwhile` is done.
    pub fn during<T>(
        port: u16,
        case: &Arc<Case>,
        meanwhile: impl FnOnce(&Traffic) -> T,
    ) -> (T, Vec<Answered>) {
        let traffic = Traffic { case: RwLock::new(Arc::clone(case)), is_over: AtomicBool::new(false) };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(|| traffic.ask(port))).collect();
            let done = meanwhile(&traffic);
            traffic.is_over.store(true, Ordering::Relaxed);
            let answered = threads.into_iter().flat_map(|thread| thread.join().expect("answers"));
            (done, answered.collect())
        })
    }

    /// Goes on with other requests.
    pub fn switch(&self, case: Case) {
        *self.case.write().expect("no thread panics with it") = Arc::new(case);
    }

    fn ask(&self, port: u16) -> Vec<Answered> {
        let mut connection = Connection::open(port);
        let mut answered = Vec::new();
        while !self.is_over.load(Ordering::Relaxed) {
            let case = Arc::clone(&self.case.read().expect("no thread panics with it"));
            answered.push(timed(&case, &mut connection, answered.len()));
        }
        answered
    }
}

/// Sends one request and waits for its answer.
pub fn timed(case: &Case, connection: &mut Connection, number: usize) -> Answered {
    let asked_at = Instant::now();
    case.ask(connection, number);
    case.check(connection);
    Answered { asked_at, microseconds: asked_at.elapsed().as_secs_f64() * 1e6 }
}
