//! The suite itself: a store that breaks one sentence is reported by the row of that sentence.

use std::collections::BTreeSet;
use std::time::Duration;

use rocket_cognito::Clock;
use rocket_cognito::store::MemoryStore;
use rocket_cognito::store::suite::{Faults, RealTime, judge, judge_only, rows};

use crate::flawed::{Flaw, Flawed};

/// The rows that report a flaw, of those with this part of a name.
async fn reports(flaw: Flaw, part: &str) -> Vec<String> {
    let clock = Clock::default();
    let store = Flawed::new(flaw, MemoryStore::with_clock(&clock));
    let verdict = judge_only(part, store, clock).await;
    verdict.err().iter().flat_map(Faults::iter).map(|fault| fault.row.clone()).collect()
}

#[rocket::async_test]
async fn every_planted_flaw_is_reported_by_the_rows_of_its_sentences() {
    let mut unreported = Vec::new();
    for (flaw, parts) in Flaw::ALL {
        for part in *parts {
            let named: Vec<_> = rows().filter(|row| row.contains(part)).collect();
            assert_eq!(named.len(), 1, "{part:?} is in the name of one row");
            if reports(*flaw, part).await != named {
                unreported.push((*flaw, *part));
            }
        }
    }
    assert_eq!(unreported, []);
}

/// The control: a row that no flaw fails may assert nothing.
#[test]
fn every_row_reports_some_planted_flaw() {
    let parts: Vec<_> = Flaw::ALL.iter().flat_map(|(_, parts)| *parts).collect();
    let idle: Vec<_> = rows().filter(|row| parts.iter().all(|part| !row.contains(**part))).collect();
    assert_eq!(idle, [""; 0]);
    assert_eq!(rows().collect::<BTreeSet<_>>().len(), rows().count());
}

#[rocket::async_test]
async fn a_report_names_the_row_and_what_the_store_answered() {
    let clock = Clock::default();
    let store = Flawed::new(Flaw::CheckFails, MemoryStore::with_clock(&clock));
    let faults = judge(store, clock.clone()).await.unwrap_err();
    let text = "the store does not keep 2 of the suite's sentences\n\
        - check says that the store would do its work and changes nothing: a call failed: the session store is out of \
        reach: as planted\n\
        - callers who read and touch at once are all answered: a call failed: the session store is out of reach: as \
        planted";
    assert_eq!((faults.to_string(), format!("{faults:?}")), (text.to_owned(), text.to_owned()));

    let faults = judge_only("no such row", MemoryStore::new(), clock).await.unwrap_err();
    assert_eq!(faults.iter().next().unwrap().reason, "no row has this in its name");
}

/// What such a store answers comes when it is no longer so.
#[rocket::async_test]
async fn a_store_that_is_slow_is_judged_by_longer_times() {
    let slow = || Flawed::new(Flaw::Slow, MemoryStore::new());
    let time = RealTime::in_units_of(Duration::from_millis(20));
    judge_only("keep lets a lease last", slow(), time).await.unwrap();
    judge_only("touch and replace move the end", slow(), time).await.unwrap();
}
