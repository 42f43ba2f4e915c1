//! A scrape, read by Prometheus' own parser.

use std::collections::BTreeMap;

use rocket::{get, routes};
use rocket_cognito::operation::Counters;
use serde_json::Value;

use crate::support::agent::Agent;
use crate::support::app::{Setup, build};
use crate::support::python::judged;
use crate::watch::Watch;

/// What the parser has read: of each family type, help and samples.
const SCRIPT: &str = r#"
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = {}
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.name not in families, family.name
    samples = [[sample.name, sorted(sample.labels.items()), float(sample.value)] for sample in family.samples]
    families[family.name] = [family.type, family.documentation, samples]
print(json.dumps(families))
"#;

#[get("/metrics")]
fn metrics(counters: Counters) -> Counters {
    counters
}

/// The type, the help and the samples of each family; the parser leaves `_total` out of the names of counters.
fn as_parsed(counters: &Counters) -> BTreeMap<String, Value> {
    let families = counters.families().iter().map(|family| {
        let name = family.name().strip_suffix("_total").unwrap_or(family.name());
        let samples: Vec<_> = family
            .samples()
            .iter()
            .map(|sample| {
                let mut labels: Vec<_> = sample.labels().collect();
                labels.sort_unstable();
                serde_json::json!([sample.name(), labels, sample.value()])
            })
            .collect();
        let value = serde_json::json!([family.kind().to_string(), family.help(), samples]);
        (name.to_owned(), value)
    });
    families.collect()
}

#[rocket::async_test]
async fn prometheus_reads_a_scrape_as_it_is_meant() {
    let watch = Watch::default();
    let app = Setup::new().start_with(|rocket| watch.over(build(rocket).mount("/", routes![metrics]))).await;
    let agent = app.signed_in("alice").await;
    agent.get(&app.url("/admin")).await;
    Agent::new().get(&app.url("/me")).await;
    let text = agent.get(&app.url("/metrics")).await.body;
    assert!(text.ends_with('\n') && text.lines().all(|line| line.trim() == line), "{text}");
    let Some(parsed) = judged(SCRIPT, &text) else { return };
    let parsed: BTreeMap<String, Value> = serde_json::from_str(&parsed).unwrap();
    let mut expected = as_parsed(&watch.counters());
    // It goes on growing.
    let age = "rocket_cognito_keys_age_seconds";
    let parsed_age = parsed[age][2][0][2].as_f64().unwrap();
    let later = expected.remove(age).unwrap()[2][0][2].as_f64().unwrap();
    assert!(0.0 < parsed_age && parsed_age <= later, "{parsed_age} {later}");
    for (name, family) in &expected {
        assert_eq!(parsed.get(name), Some(family), "{name}");
    }
    assert_eq!(parsed.len(), expected.len() + 1);
    assert_eq!(parsed["rocket_cognito_sign_ins"][2][0][2], 1.0);
}
