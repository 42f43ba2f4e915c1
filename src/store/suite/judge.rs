//! Runs the rows, and reports what did not hold.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::super::session_store::SessionStore;
use super::row::Row;
use super::time::Time;
use super::trial::{Trial, Verdict};
use super::{ends, leases, names, races, races_of_one, sessions, values};

/// A row that is not over by then never will be.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often a row may be run that failed while the store was slow.
const MOST_RUNS: u32 = 6;

fn all_rows() -> impl Iterator<Item = &'static Row> {
    [sessions::ROWS, leases::ROWS, ends::ROWS, values::ROWS, names::ROWS, races_of_one::ROWS, races::ROWS]
        .into_iter()
        .flatten()
}

/// A sentence that a store does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The sentence.
    pub row: String,
    /// What the store was asked and answered, and what it should have.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.row, self.reason)
    }
}

/// All sentences that a store does not keep. Its `Debug` is for people, as an `unwrap` shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Each of them; there is at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store does not keep {} of the suite's sentences", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n- {fault}"))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Faults {}

/// The sentences that the suite judges, in their order.
pub fn rows() -> impl Iterator<Item = String> {
    all_rows().map(Row::sentence)
}

/// Judges a store by all rows.
///
/// # Errors
/// [`Faults`], with each row that failed, and why.
pub async fn judge(store: impl SessionStore, time: impl Time) -> Result<(), Faults> {
    judge_only("", store, time).await
}

/// Judges a store by the rows whose name has `part` in it, such as `"replace"`.
///
/// # Errors
/// [`Faults`], with each row that failed, and why; or one that names no row, where none has such a name.
pub async fn judge_only(part: &str, store: impl SessionStore, time: impl Time) -> Result<(), Faults> {
    let (store, time): (Arc<dyn SessionStore>, Arc<dyn Time>) = (Arc::new(store), Arc::new(time));
    let rows: Vec<_> = all_rows().filter(|row| row.sentence().contains(part)).collect();
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push(Fault { row: part.to_owned(), reason: "no row has this in its name".to_owned() });
    }
    for row in rows {
        if let Err(reason) = run(row, &store, &time).await {
            faults.push(Fault { row: row.sentence(), reason });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// Runs a row, and runs it again with longer times where the store was too slow for its answers to mean anything.
async fn run(row: &Row, store: &Arc<dyn SessionStore>, time: &Arc<dyn Time>) -> Result<(), String> {
    let (mut unit, mut runs) = (time.unit(), 1);
    loop {
        let trial = Arc::new(Trial::new(store.clone(), time.clone(), unit));
        match run_once(row, &trial).await? {
            Ok(()) => return Ok(()),
            Err(wrong) if runs == MOST_RUNS || trial.busy_for() < unit / 4 => return Err(wrong.to_string()),
            Err(_) => (unit, runs) = (unit * 2, runs + 1),
        }
    }
}

/// In a task of its own, where a panic is a fault as any other. An error is final, however slow the store was.
async fn run_once(row: &Row, trial: &Arc<Trial>) -> Result<Verdict, String> {
    match tokio::spawn(timeout(PATIENCE, (row.run)(trial.clone()))).await {
        Ok(Ok(verdict)) => Ok(verdict),
        Ok(Err(_)) => Err(format!("a call did not return in {} seconds", PATIENCE.as_secs())),
        Err(end) => Err(format!("the store ended the call: {end}")),
    }
}
