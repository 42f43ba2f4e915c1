//! Lines of the log: their target, their level, and how often they come. One place, since Rocket 0.6 moves from `log` to
//! `tracing`.

use log::Level;

use super::throttle::Throttle;
use crate::clock;

pub(super) const TARGET: &str = "rocket_cognito";

macro_rules! error {
    ($($line:tt)+) => { log::error!(target: $crate::telemetry::line::TARGET, $($line)+) };
}
macro_rules! warn_line {
    ($($line:tt)+) => { log::warn!(target: $crate::telemetry::line::TARGET, $($line)+) };
}
/// Below the line of the request, as Rocket shows it for such a target.
macro_rules! detail {
    ($($line:tt)+) => { log::warn!(target: "rocket_cognito::_", $($line)+) };
}
macro_rules! info {
    ($($line:tt)+) => { log::info!(target: $crate::telemetry::line::TARGET, $($line)+) };
}

// `warn` is the name of an attribute, too.
pub(super) use warn_line as warn;
pub(super) use {detail, error, info};

pub(super) fn is_logged(level: Level) -> bool {
    log::log_enabled!(target: TARGET, level)
}

/// Whether a line is due that anybody may cause again and again; `text` is what it repeats.
pub(super) fn is_due(level: Level, text: &'static str) -> bool {
    static REPORTED: Throttle = Throttle::new();
    is_logged(level) && REPORTED.allows(text, clock::now())
}
