//! Tables of `docs/` that name tests, `| id | what holds | tests |`, and the tests that there are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::root;

/// Names of tests, with how often each stands in the sources.
pub type Tests = BTreeMap<String, usize>;

/// A line of a table.
pub struct Row<'t> {
    id: &'t str,
    holds: &'t str,
    shown_by: &'t str,
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// All test functions in `src`, `tests` and `examples`.
pub fn tests() -> Tests {
    let mut tests = Tests::new();
    for file in ["examples", "src", "tests"].iter().flat_map(|folder| files(&root().join(folder))) {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let is_test =
                ["#[test]", "#[rocket::async_test]"].contains(&line) || line.starts_with("#[tokio::test");
            // These are several tests, of one function.
            let of_each = ["each_kind!(", "each_store!("].iter().find_map(|it| line.strip_prefix(it));
            if let Some(name) = of_each.and_then(|rest| rest.strip_suffix(");")) {
                *tests.entry(name.to_owned()).or_default() += 1;
            }
            if is_test && let Some(name) = lines.by_ref().find_map(function) {
                *tests.entry(name.to_owned()).or_default() += 1;
            }
        }
    }
    tests
}

fn function(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    rest.split('(').next()
}

/// The rows of all tables of three columns.
pub fn rows(text: &str) -> Vec<Row<'_>> {
    let cells = |line| {
        let inner = str::strip_prefix(line, "| ")?.strip_suffix(" |")?;
        let [id, holds, shown_by]: [&str; 3] = inner.split(" | ").collect::<Vec<_>>().try_into().ok()?;
        let is_heading = shown_by == "shown by";
        (!is_heading).then_some(Row { id, holds, shown_by })
    };
    text.lines().filter_map(cells).collect()
}

/// What is wrong with a table, in words; `names` takes the tests out of its last column.
pub fn faults<'t>(
    rows: &[Row<'t>],
    expected: &[String],
    tests: &Tests,
    names: impl Fn(&'t str) -> Vec<&'t str>,
) -> Vec<String> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut faults = Vec::new();
    faults.extend(
        expected.iter().filter(|id| !ids.contains(&id.as_str())).map(|id| format!("{id} has no row")),
    );
    faults.extend(
        ids.iter().filter(|id| !expected.iter().any(|it| it == *id)).map(|id| format!("{id} is unknown")),
    );
    if ids.iter().collect::<BTreeSet<_>>().len() != ids.len() {
        faults.push("an id has two rows".into());
    }
    for Row { id, holds, shown_by } in rows {
        if holds.trim().len() < 10 || tests.keys().any(|name| name.len() > 12 && holds.contains(name)) {
            faults.push(format!("{id} does not say what holds"));
        }
        for name in names(shown_by) {
            match tests.get(name) {
                Some(1) => {}
                Some(count) => faults.push(format!("{id}: there are {count} tests `{name}`")),
                None => faults.push(format!("{id}: there is no test `{name}`")),
            }
        }
    }
    faults
}
