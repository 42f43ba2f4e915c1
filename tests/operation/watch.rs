//! The counters of an app, as they move.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::{Build, Rocket};
use rocket_cognito::operation::{Counters, Health, Kind, Monitor};
use tokio::time::{Instant, sleep};

/// A guard against waiting for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the launch of an app whose pool answers has moved.
pub const LAUNCH: (&str, u64) = ("pool_calls_total jwks ok", 1);

/// The counters of one app, with what they are expected to be by now. Clones watch the same app.
#[derive(Clone, Default)]
pub struct Watch {
    monitor: Arc<OnceLock<Monitor>>,
    expected: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Watch {
    /// Watches this app, to which the fairing is attached.
    pub fn over(&self, rocket: Rocket<Build>) -> Rocket<Build> {
        let slot = Arc::clone(&self.monitor);
        rocket.attach(AdHoc::on_ignite("watch", |rocket| async move {
            let _ = slot.set(Monitor::of(&rocket).expect("the fairing is attached"));
            rocket
        }))
    }

    pub fn counters(&self) -> Counters {
        self.monitor.get().expect("the app has been ignited").counters()
    }

    pub fn monitor(&self) -> Monitor {
        self.monitor.get().expect("the app has been ignited").clone()
    }

    pub fn health(&self) -> Health {
        self.monitor.get().expect("the app has been ignited").health()
    }

    /// Asserts that since the last time these counters have moved so far, and no other: not counting what is remembered of
    /// tokens, nor how long calls took. Work in the background has a while to end.
    #[track_caller]
    pub fn moved(&self, steps: &[(&str, u64)]) -> impl Future<Output = ()> {
        let mut expected = self.expected.lock().unwrap();
        for (name, step) in steps {
            *expected.entry((*name).to_owned()).or_default() += step;
        }
        let (watch, expected) = (self.clone(), expected.clone());
        let place = std::panic::Location::caller();
        async move {
            let ends_at = Instant::now() + PATIENCE;
            while watch.counted() != expected && Instant::now() < ends_at {
                sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(watch.counted(), expected, "at {place}");
        }
    }

    /// All counters that are not 0, by name and values of labels.
    fn counted(&self) -> BTreeMap<String, u64> {
        let counters = self.counters();
        let families = counters.families().iter().filter(|family| {
            family.kind() == Kind::Counter && !family.name().starts_with("rocket_cognito_token_cache_")
        });
        let samples = families.flat_map(|family| family.samples()).filter(|sample| sample.value() > 0.0);
        let key = |sample: &rocket_cognito::operation::Sample| {
            let name = sample.name().strip_prefix("rocket_cognito_").unwrap();
            let texts = sample.labels().map(|(_, text)| text);
            [name].into_iter().chain(texts).collect::<Vec<_>>().join(" ")
        };
        samples.map(|sample| (key(sample), sample.value() as u64)).collect()
    }

    /// Waits until a number is this.
    pub async fn reads(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        let ends_at = Instant::now() + PATIENCE;
        while self.counters().get(name, labels) != Some(value) && Instant::now() < ends_at {
            sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(self.counters().get(name, labels), Some(value), "{name} {labels:?}");
    }
}
