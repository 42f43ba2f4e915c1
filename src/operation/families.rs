//! All that an app counts, by name.

use super::family::{Family, Kind, Sample};
use crate::app::App;
use crate::telemetry::{CallResult, CommandOutcome, Counts, Label, PoolEndpoint, StoreCommand};

/// All that `app` has counted, in the order of the documentation.
pub(super) fn families(app: &App) -> Vec<Family> {
    let counts = &*app.counts;
    let mut families = Vec::from(of_visitors(counts));
    families.extend(of_pool(counts));
    families.extend(of_tokens(app));
    families.extend(of_app_and_store(counts));
    families
}

fn counter(name: &'static str, help: &'static str) -> Family {
    Family::new(name, Kind::Counter, help)
}

fn gauge(name: &'static str, help: &'static str) -> Family {
    Family::new(name, Kind::Gauge, help)
}

fn of_visitors(counts: &Counts) -> [Family; 6] {
    [
        counter(
            "rocket_cognito_admissions_total",
            "Requests of guarded routes that were not refused, by the credential of their caller.",
        )
        .by_label(counts.admissions.each().map(|(by, count)| (by, count.get()))),
        counter("rocket_cognito_refusals_total", "Answers that refuse somebody, by the code of the denial.")
            .by("code", counts.refusals.each().map(|(code, count)| (code, count.get()))),
        counter(
            "rocket_cognito_sign_ins_total",
            "Sign-ins that came back to the callback, by how they ended.",
        )
        .by("result", counts.sign_ins.each().map(|(code, count)| (code, count.get()))),
        counter(
            "rocket_cognito_refreshes_total",
            "Requests that needed their session refreshed, by what they got.",
        )
        .by_label(counts.refreshes.each().map(|(answer, count)| (answer, count.get()))),
        counter("rocket_cognito_sign_outs_total", "Sign-outs, by where they end.")
            .by_label(counts.sign_outs.each().map(|(at, count)| (at, count.get()))),
        counter(
            "rocket_cognito_waits_total",
            "Waits for a refresh or an exchange that is under way, and for a place among the calls to the pool.",
        )
        .by_label(counts.waits.each().map(|(what, count)| (what, count.get()))),
    ]
}

fn of_pool(counts: &Counts) -> [Family; 4] {
    let calls = counter("rocket_cognito_pool_calls_total", "Calls to the pool, by endpoint and result.");
    let seconds = Family::new(
        "rocket_cognito_pool_call_seconds",
        Kind::Histogram,
        "How long calls to the pool took, in seconds, by endpoint.",
    );
    let in_flight = gauge("rocket_cognito_calls_in_flight", "Calls to the pool under way, by endpoint.");
    let turned_away = counter(
        "rocket_cognito_calls_turned_away_total",
        "Calls to the pool that were not made, since too many were under way.",
    );
    let name = calls.name();
    let results = counts.endpoints().flat_map(|(endpoint, counted)| {
        let labels = move |result: CallResult| {
            [(PoolEndpoint::NAME, endpoint.text()), (CallResult::NAME, result.text())]
        };
        counted.results.each().map(move |(result, count)| Sample::new(name, labels(result), count.get()))
    });
    [
        calls.with_samples(results),
        seconds.with_samples(counts.endpoints().flat_map(|(endpoint, counted)| {
            let labels = [(PoolEndpoint::NAME, endpoint.text())];
            let buckets = counted.seconds.cumulated();
            let count = buckets.last().map_or(0, |(_, count)| *count);
            let bucket = |(bound, count): (f64, u64)| {
                let bound = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
                Sample::new("rocket_cognito_pool_call_seconds_bucket", labels, count).with_label("le", bound)
            };
            let sum = Sample::new("rocket_cognito_pool_call_seconds_sum", labels, 0);
            let sum = sum.with_value(counted.seconds.seconds());
            let count = Sample::new("rocket_cognito_pool_call_seconds_count", labels, count);
            buckets.into_iter().map(bucket).chain([sum, count]).collect::<Vec<_>>()
        })),
        in_flight.by_label(counts.endpoints().map(|(endpoint, counted)| (endpoint, counted.in_flight.get()))),
        turned_away.with_number(counts.calls_turned_away.get()),
    ]
}

fn of_tokens(app: &App) -> [Family; 6] {
    let verifier = app.pool.verifier();
    let keys = verifier.jwks().status();
    let (tokens, bytes) = verifier.remembered_tokens();
    let age = keys.age.unwrap_or_default().as_secs_f64();
    [
        gauge("rocket_cognito_keys", "Public keys of the pool that are known.")
            .with_number(keys.count as u64),
        gauge(
            "rocket_cognito_keys_age_seconds",
            "Time since these keys were fetched; 0 where there are none.",
        )
        .with_value(age),
        gauge("rocket_cognito_token_cache_entries", "Tokens that are remembered.").with_number(tokens as u64),
        gauge(
            "rocket_cognito_token_cache_bytes",
            "What these weigh, of the bytes that token_cache_bytes allows.",
        )
        .with_number(bytes),
        counter("rocket_cognito_token_cache_hits_total", "Tokens that were known from an earlier request.")
            .with_number(app.counts.token_cache_hits.get()),
        counter("rocket_cognito_token_cache_misses_total", "Tokens whose signature was checked.")
            .with_number(app.counts.token_cache_misses.get()),
    ]
}

fn of_app_and_store(counts: &Counts) -> Vec<Family> {
    let commands = counter(
        "rocket_cognito_store_commands_total",
        "Commands to the store of sessions, by kind and outcome.",
    );
    let name = commands.name();
    let outcomes = counts.store_commands.each().flat_map(|(command, outcomes)| {
        let labels = move |outcome: CommandOutcome| {
            [(StoreCommand::NAME, command.text()), (CommandOutcome::NAME, outcome.text())]
        };
        outcomes.each().map(move |(outcome, count)| Sample::new(name, labels(outcome), count.get()))
    });
    vec![
        counter("rocket_cognito_hook_failures_total", "Failures of the app's own code, by hook.")
            .by_label(counts.hook_failures.each().map(|(hook, count)| (hook, count.get()))),
        commands.with_samples(outcomes),
        #[cfg(feature = "redis")]
        counter(
            "rocket_cognito_store_reconnections_total",
            "Connections to the Redis of the settings in the place of one that was lost.",
        )
        .with_number(counts.store_reconnections.get()),
    ]
}
