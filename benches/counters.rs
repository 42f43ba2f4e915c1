//! What counting costs a guarded request, on one core and on all: `cargo bench --bench counters`.
//!
//! A guard counts its admission and its token, each by one add to a sharded counter. So the same request is measured with
//! more adds of the very same counter, and with adds to one number that all threads share, in rounds that take turns.

#[path = "../src/telemetry/counts/sharded_counter.rs"]
#[allow(dead_code, reason = "nobody reads what is counted here")]
mod sharded_counter;
mod site;

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use rocket::http::{Header, Status};
use rocket::local::asynchronous::Client;
use tokio::runtime::{Builder, Runtime};

use sharded_counter::ShardedCounter;
use site::app;
use site::preparation::Preparation;

/// Many and short, so that the machine's other work leaves some of them alone.
const ROUNDS: usize = 3_000;
/// By each thread, in each round.
const CALLS: usize = 100;
/// One add is far less than what requests differ by.
const MANY: usize = 1_000;

/// An app, and a token for each thread: threads that share one would wait for each other at its reference count.
struct App {
    runtime: Runtime,
    client: Client,
    headers: Vec<String>,
}

impl App {
    fn new(threads: usize) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let site = runtime.block_on(Preparation::of(threads));
        let client = runtime.block_on(Client::untracked(app::rocket(&site.settings))).unwrap();
        let headers = site.tokens().map(|token| format!("Bearer {token}")).collect();
        App { runtime, client, headers }
    }

    fn get(&self, path: &'static str, thread: usize) {
        let header = Header::new("Authorization", self.headers[thread].clone());
        let answer = self.runtime.block_on(self.client.get(path).header(header).dispatch());
        assert_eq!(answer.status(), Status::Ok);
    }
}

/// What one thread, of this number, does again and again.
struct Case<'c> {
    name: &'static str,
    call: Box<dyn Fn(usize) + Sync + 'c>,
    /// For one call, of each round.
    nanoseconds: Vec<f64>,
}

impl<'c> Case<'c> {
    fn new(name: &'static str, call: impl Fn(usize) + Sync + 'c) -> Self {
        Case { name, call: Box::new(call), nanoseconds: Vec::new() }
    }

    /// From the first thread's beginning to the last one's end. They begin together, without a sleep before it.
    fn round(&mut self, threads: usize) {
        let (arrived, call) = (AtomicUsize::new(0), &self.call);
        let work = |thread| {
            arrived.fetch_add(1, Ordering::SeqCst);
            while arrived.load(Ordering::SeqCst) < threads {
                spin_loop();
            }
            let begun = Instant::now();
            (0..CALLS).for_each(|_| call(thread));
            (begun, Instant::now())
        };
        let work = &work;
        let times: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let begun = times.iter().map(|(begun, _)| *begun).min().unwrap();
        let ended = times.iter().map(|(_, ended)| *ended).max().unwrap();
        self.nanoseconds.push((ended - begun).as_secs_f64() * 1e9 / CALLS as f64);
    }

    /// What a call takes in the quietest hundredth of the rounds, at most.
    fn quiet(&mut self) -> f64 {
        self.nanoseconds.sort_by(f64::total_cmp);
        self.nanoseconds[self.nanoseconds.len() / 100]
    }
}

/// Prints what each case takes and what an add costs; returns requests in a second, of the open route and of the guard.
fn measure(app: &App, threads: usize) -> [f64; 2] {
    let (sharded, shared) = (ShardedCounter::default(), AtomicU64::new(0));
    let add_shared = || shared.fetch_add(1, Ordering::Relaxed);
    let mut cases = [
        Case::new("open route", |thread| app.get("/open", thread)),
        Case::new("CognitoUser, bearer", |thread| app.get("/user", thread)),
        Case::new("the same, one more add", |thread| {
            app.get("/user", thread);
            black_box(&sharded).add();
        }),
        Case::new("the same, a thousand more", |thread| {
            app.get("/user", thread);
            (0..MANY).for_each(|_| black_box(&sharded).add());
        }),
        Case::new("a thousand to one shared number", |thread| {
            app.get("/user", thread);
            (0..MANY).for_each(|_| _ = black_box(add_shared()));
        }),
    ];
    for _ in 0..ROUNDS {
        cases.iter_mut().for_each(|case| case.round(threads));
    }
    println!("\nOn {threads} of the cores");
    let times = cases.each_mut().map(Case::quiet);
    let guard = times[1];
    for (case, time) in cases.iter().zip(times) {
        println!("  {:<34} {time:>9.1} ns  × {:.3} of the guard", case.name, time / guard);
    }
    for (what, time) in [("sharded", times[3]), ("shared", times[4])] {
        println!("  one add, {what:<25} {:>9.1} ns", (time - guard) / MANY as f64);
    }
    [times[0], guard].map(|time| threads as f64 * 1e9 / time)
}

fn main() {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let app = App::new(cores);
    let one = measure(&app, 1);
    let all = measure(&app, cores);
    println!("\nFrom 1 to {cores} cores");
    for (name, one, all) in [("open route", one[0], all[0]), ("CognitoUser, bearer", one[1], all[1])] {
        println!("  {name:<34} {one:>9.0} and {all:>9.0} requests a second: × {:.2}", all / one);
    }
}
