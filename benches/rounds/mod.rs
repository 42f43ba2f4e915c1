//! Measures cases side by side: in rounds that take turns, so that what disturbs the machine disturbs all of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 60;
const ROUND: Duration = Duration::from_millis(12);

/// One thing to measure; the last number is of the call, so that each may be another's.
pub struct Case<'c> {
    name: &'c str,
    call: Box<dyn FnMut(usize) + 'c>,
    calls: usize,
    per_round: usize,
    nanoseconds: Vec<f64>,
}

impl<'c> Case<'c> {
    pub fn new<T>(name: &'c str, mut call: impl FnMut(usize) -> T + 'c) -> Self {
        let call = Box::new(move |number| drop(black_box(call(number))));
        Case { name, call, calls: 0, per_round: 1, nanoseconds: Vec::new() }
    }

    fn run(&mut self, calls: usize) -> Duration {
        let start = Instant::now();
        for _ in 0..calls {
            (self.call)(self.calls);
            self.calls += 1;
        }
        start.elapsed()
    }

    /// How many calls fill a round.
    fn warm_up(&mut self) {
        loop {
            let took = self.run(self.per_round);
            if took * 4 > ROUND {
                self.per_round =
                    (self.per_round as f64 * ROUND.as_secs_f64() / took.as_secs_f64()).ceil() as usize;
                return;
            }
            self.per_round *= 4;
        }
    }

    fn median(&mut self) -> f64 {
        self.nanoseconds.sort_by(f64::total_cmp);
        self.nanoseconds[self.nanoseconds.len() / 2]
    }
}

/// Prints medians, and how many times the first case's each one is.
pub fn compare(title: &str, mut cases: Vec<Case<'_>>) {
    cases.iter_mut().for_each(Case::warm_up);
    for _ in 0..ROUNDS {
        for case in &mut cases {
            let took = case.run(case.per_round);
            case.nanoseconds.push(took.as_secs_f64() * 1e9 / case.per_round as f64);
        }
    }
    let floor = cases[0].median();
    println!("\n{title}");
    for case in &mut cases {
        let median = case.median();
        println!("  {:<44} {:>10.1} ns  × {:.3}", case.name, median, median / floor);
    }
}
