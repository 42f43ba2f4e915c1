//! This machine's clock beside the pool's.

use std::time::{Duration, SystemTime};

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use crate::config::Settings;

const NAME: &str = "clock";
/// A date is in whole seconds, and an answer is under way for some time.
const SLACK: u64 = 5;

/// Compares the clocks, where the pool has answered with its time.
pub(super) fn check(settings: &Settings, date: Option<SystemTime>) -> Check {
    match date {
        Some(date) => judge(settings.pool.expiration_leeway, date, SystemTime::now()),
        None => Check::left_out(NAME, "no answer of the pool has a date"),
    }
}

fn judge(leeway: u64, theirs: SystemTime, ours: SystemTime) -> Check {
    let (seconds, word) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead.as_secs(), "ahead of"),
        Err(behind) => (Duration::as_secs(&behind.duration()), "behind"),
    };
    let code = match seconds {
        _ if seconds > leeway + SLACK => Code::ClockWrong,
        _ if seconds > leeway / 2 + SLACK => Code::ClockDrifts,
        _ => return Check::made(NAME, "as the pool's", Vec::new()),
    };
    let problem = format!(
        "this machine's clock is {seconds} s {word} the pool's, and `expiration_leeway` bridges {leeway} s"
    );
    let remedy = "set the clock by NTP, such as by chrony or systemd-timesyncd";
    Check::made(NAME, "", vec![Finding::new(code, "this machine's clock", problem, remedy)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_differ_by_half_of_the_leeway_without_a_word() {
        let theirs = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let codes = |ahead: i64| {
            let by = Duration::from_secs(ahead.unsigned_abs());
            let ours = if ahead < 0 { theirs - by } else { theirs + by };
            let check = judge(30, theirs, ours);
            check.findings().iter().map(Finding::code).collect::<Vec<_>>()
        };
        for (ahead, expected) in [
            (0, None),
            (20, None),
            (-20, None),
            (21, Some("clock_drifts")),
            (-21, Some("clock_drifts")),
            (35, Some("clock_drifts")),
            (36, Some("clock_wrong")),
            (-3600, Some("clock_wrong")),
        ] {
            assert_eq!(codes(ahead), expected.into_iter().collect::<Vec<_>>(), "{ahead}");
        }
    }
}
