//! Lines of the log: their target and form, and whether they are due. One place, since Rocket 0.6 moves from `log` to
//! `tracing`.

use super::code::{Frequency, LogCode, Row};
use super::throttle::{Cause, Throttle};
use crate::clock;

const TARGET: &str = "rocket_cognito";
/// Below the line of the request, as Rocket shows it for such a target.
const INDENTED: &str = "rocket_cognito::_";

static REPORTED: Throttle<LogCode> = Throttle::new();

/// Whether lines of this code are logged now. Where they are limited to once a minute, that is for each `cause` by itself.
pub(super) fn is_due(code: LogCode, cause: Cause, is_at_launch: bool) -> bool {
    let Row { level, frequency, .. } = code.row();
    let is_logged = log::log_enabled!(target: TARGET, level);
    let is_limited = match frequency {
        Frequency::EachTime | Frequency::AtLaunch => false,
        Frequency::OnceAMinute => true,
        Frequency::AtLaunchThenOnceAMinute => !is_at_launch,
    };
    is_logged && (!is_limited || REPORTED.allows(code, cause, clock::now()))
}

/// Lets this code be logged again, whatever was logged of it within the minute.
#[cfg(feature = "redis")]
pub(super) fn forget(code: LogCode) {
    REPORTED.forget(code, ["", ""]);
}

/// Logs every line from now on whenever it is due, for tests: each is to show why it failed.
#[cfg(feature = "testing")]
pub(crate) fn log_each_time() {
    REPORTED.lift();
}

/// Logs one line.
pub(super) fn print(code: LogCode, line: &str) {
    let Row { name, level, .. } = code.row();
    let target = match code {
        LogCode::GuardRefused => INDENTED,
        _ => TARGET,
    };
    log::log!(target: target, level, "{name}: {line}");
}
