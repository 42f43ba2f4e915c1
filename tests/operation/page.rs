//! The page of the documentation, and what an app really counts.

use std::collections::{BTreeMap, BTreeSet};

use rocket::local::blocking::Client;
use rocket_cognito::Cognito;
use rocket_cognito::operation::{Kind, Monitor, Sample};
use rocket_cognito::testing::TestPool;

use crate::support::figment;

const PAGE: &str = include_str!("../../docs/operation.md");
const DENIALS: &str = include_str!("../../docs/denials.md");

type Labels = BTreeMap<String, BTreeSet<String>>;
/// Type, and labels with all their values.
type Described = BTreeMap<String, (String, Labels)>;

/// What stands between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn codes_of_denials() -> BTreeSet<String> {
    let rows = DENIALS.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| quoted(row).remove(0)).collect()
}

fn described() -> Described {
    let table = PAGE.split("# All counters").nth(1).unwrap().split("\n# ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let labels = cells[3].split(';').filter(|label| !label.is_empty()).map(|label| {
            let mut texts = quoted(label).into_iter();
            let name = texts.next().unwrap();
            let values = if name == "code" { codes_of_denials() } else { texts.collect() };
            (name, values)
        });
        (quoted(cells[1]).remove(0), (cells[2].to_owned(), labels.collect()))
    })
    .collect()
}

fn counted() -> Described {
    let rocket = rocket::custom(figment()).attach(Cognito::fairing());
    let client = Client::untracked(TestPool::new().attach(rocket)).unwrap();
    let counters = Monitor::of(client.rocket()).unwrap().counters();
    let families = counters.families().iter().map(|family| {
        let name = family.name().strip_prefix("rocket_cognito_").unwrap().to_owned();
        let mut labels = Labels::new();
        for (label, text) in family.samples().iter().flat_map(|sample| sample.labels()) {
            labels.entry(label.to_owned()).or_default().insert(text.to_owned());
        }
        assert!(family.help().ends_with('.'), "{}", family.help());
        (name, (family.kind().to_string(), labels))
    });
    families.collect()
}

#[test]
fn the_table_of_counters_is_what_an_app_counts() {
    assert_eq!(described(), counted());
}

/// X6. A series for each combination of labels, whatever visitors send.
#[test]
fn an_app_has_at_most_a_hundred_and_eighty_series() {
    let rocket = rocket::custom(figment()).attach(Cognito::fairing());
    let client = Client::untracked(TestPool::new().attach(rocket)).unwrap();
    // Each with the texts of its labels.
    let series = |client: &Client| {
        let counters = Monitor::of(client.rocket()).unwrap().counters();
        let samples = counters.families().iter().flat_map(|family| family.samples());
        let key = |sample: &Sample| {
            let labels = sample.labels().map(|(label, text)| (label.to_owned(), text.to_owned()));
            (sample.name().to_owned(), labels.collect::<Vec<_>>())
        };
        let series: Vec<_> = samples.map(key).collect();
        assert_eq!(series.iter().collect::<BTreeSet<_>>().len(), series.len());
        series
    };
    let at_launch = series(&client);
    assert!((100..=180).contains(&at_launch.len()), "{}", at_launch.len());
    for path in ["/", "/auth/callback?code=a&state=b", "/auth/login?lang=xx", "/nothing?code=\"}"] {
        client.get(path).header(rocket::http::Header::new("Authorization", "Bearer x")).dispatch();
    }
    assert_eq!(series(&client), at_launch);
}

#[test]
fn a_number_is_found_by_its_name_and_all_its_labels() {
    let rocket = rocket::custom(figment()).attach(Cognito::fairing());
    let client = Client::untracked(TestPool::new().attach(rocket)).unwrap();
    let counters = Monitor::of(client.rocket()).unwrap().counters();
    for family in counters.families() {
        for sample in family.samples() {
            let mut labels: Vec<_> = sample.labels().collect();
            assert_eq!(counters.get(sample.name(), &labels), Some(sample.value()), "{sample}");
            labels.reverse();
            let short = sample.name().strip_prefix("rocket_cognito_").unwrap();
            assert_eq!(counters.get(short, &labels), Some(sample.value()), "{sample}");
            if let Some(label) = labels.first_mut() {
                label.1 = "other";
                assert_eq!(counters.get(sample.name(), &labels), None, "{sample}");
                assert_eq!(counters.get(sample.name(), &labels[1..]), None, "{sample}");
            }
        }
        assert_eq!(family.kind() == Kind::Counter, family.name().ends_with("_total"), "{}", family.name());
    }
    assert_eq!(counters.get("none", &[]), None);
}
