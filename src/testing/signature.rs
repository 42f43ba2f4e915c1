//! What the signature of a route asks for, and what stands before it.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rocket::config::{Config, LogLevel};
use rocket::error::ErrorKind;
use rocket::futures::FutureExt;
use rocket::sentinel::Sentry;
use rocket::{Rocket, Route};

use super::access::Access;
use crate::guard::{HandlerTrace, Noted, Probe, carrier};
use crate::routes::name_of;

/// Who gets through to the handler of `route`, as far as sentinels know.
pub(super) fn access_of(route: &Route) -> Access {
    if name_of(route).is_some() {
        return Access::Fairing;
    }
    let probe = Arc::new(Probe::default());
    let before = HandlerTrace::of(route).guards;
    let (mut guards, mut optional, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for sentry in asked(route, before.clone(), &probe) {
        // A type inside another one is none that Rocket asks.
        if sentry.parent.is_some() || !seen.insert(sentry.type_id) {
            continue;
        }
        match probe.noted(sentry.type_id) {
            Some(Noted::Guard(asks)) => guards.push((sentry, asks)),
            Some(Noted::Optional(asks)) => optional.push(asks),
            None => {}
        }
    }
    // In the order in which a request meets them.
    guards.sort_by_key(|(sentry, _)| {
        before.iter().position(|before| before.type_id == sentry.type_id).unwrap_or(before.len())
    });
    match (guards.is_empty(), optional.is_empty()) {
        (false, _) => Access::Guarded(guards.into_iter().map(|(_, asks)| asks).collect()),
        (true, false) => Access::Optional(optional),
        (true, true) => Access::Open,
    }
}

/// The sentinels of `route` that would refuse to launch, and those of the guards `before` it.
///
/// Rocket shows sentinels only where they refuse: so a bare Rocket is ignited with this route alone, in which those of
/// our guards refuse, and note why in `probe`. Where an app's own sentinel panics without the app's state, nothing is
/// known.
fn asked(route: &Route, before: Vec<Sentry>, probe: &Arc<Probe>) -> Vec<Sentry> {
    let rocket = Rocket::custom(config())
        .manage(Arc::clone(probe))
        .mount("/", vec![route.clone(), carrier(&"the guards before it", before)]);
    // Without fairings there is nothing to wait for.
    let ignited = catch_unwind(AssertUnwindSafe(|| rocket.ignite().now_or_never()));
    match ignited {
        Ok(Some(Err(error))) => match error.kind() {
            ErrorKind::SentinelAborts(sentries) => sentries.clone(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Nothing is read from `Rocket.toml` or `ROCKET_*`, and nothing is logged.
fn config() -> Config {
    Config {
        log_level: LogLevel::Off,
        // One for the whole process: this leaves the app's choice as it is.
        cli_colors: rocket::yansi::is_enabled(),
        ..Config::debug_default()
    }
}
