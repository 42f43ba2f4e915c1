//! `docs/requirements.md` names a test for each requirement; this holds it to that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// How many requirements each family has.
const FAMILIES: [(char, usize); 12] = [
    ('T', 44),
    ('C', 28),
    ('R', 11),
    ('K', 21),
    ('L', 11),
    ('F', 18),
    ('S', 6),
    ('J', 10),
    ('I', 9),
    ('H', 12),
    ('X', 7),
    ('O', 14),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The names of all test functions in `src` and `tests`, with how often each stands there.
fn tests() -> BTreeMap<String, usize> {
    let mut tests = BTreeMap::new();
    for file in ["src", "tests"].iter().flat_map(|folder| files(&root().join(folder))) {
        if file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let is_test =
                ["#[test]", "#[rocket::async_test]"].contains(&line) || line.starts_with("#[tokio::test");
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

struct Row {
    id: String,
    holds: String,
    shown_by: String,
}

fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| {
        let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let [id, holds, shown_by]: [&str; 3] = inner.split(" | ").collect::<Vec<_>>().try_into().ok()?;
        let number = id.get(1..)?;
        let is_id =
            id.starts_with(|letter: char| letter.is_ascii_uppercase()) && number.parse::<usize>().is_ok();
        is_id.then(|| Row { id: id.into(), holds: holds.into(), shown_by: shown_by.into() })
    };
    text.lines().filter_map(cells).collect()
}

/// What is wrong with a table, in words.
fn faults(text: &str, tests: &BTreeMap<String, usize>) -> Vec<String> {
    let rows = rows(text);
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    let expected: Vec<_> = FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |number| format!("{family}{number}")))
        .collect();
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
        // A sentence says why there is no test; anything else names tests.
        if shown_by.ends_with('.') && shown_by.contains(' ') {
            continue;
        }
        for name in shown_by.split(", ") {
            match tests.get(name) {
                Some(1) => {}
                Some(count) => faults.push(format!("{id}: there are {count} tests `{name}`")),
                None => faults.push(format!("{id}: there is no test `{name}`")),
            }
        }
    }
    faults
}

#[test]
fn every_requirement_has_a_row_and_every_test_named_there_exists() {
    assert_eq!(faults(&read("docs/requirements.md"), &tests()), [""; 0]);
}

/// The control: a table that rots is noticed.
#[test]
fn a_missing_row_and_a_missing_test_are_noticed() {
    let (text, tests) = (read("docs/requirements.md"), tests());
    let without_row: String =
        text.lines().filter(|line| !line.starts_with("| T5 |")).map(|line| format!("{line}\n")).collect();
    assert_eq!(faults(&without_row, &tests), ["T5 has no row"]);
    let mut without_test = tests.clone();
    without_test.remove("a_kid_that_two_keys_share_is_nobodys").unwrap();
    assert_eq!(faults(&text, &without_test), ["T7: there is no test `a_kid_that_two_keys_share_is_nobodys`"]);
    let mixed_up = text
        .replace("| A `kid` that two keys share is nobody's |", "| a_kid_that_two_keys_share_is_nobodys |");
    assert_eq!(faults(&mixed_up, &tests), ["T7 does not say what holds"]);
    assert_eq!(
        faults(&format!("{text}\n| Z1 | this is no requirement | none of ours. |"), &tests),
        ["Z1 is unknown"]
    );
}

#[test]
fn every_fuzz_target_is_declared_and_has_seeds() {
    let names = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let targets = names("fuzz/fuzz_targets");
    assert_eq!(targets.len(), 8);
    assert_eq!(targets, names("tests/data/seeds"));
    let manifest = read("fuzz/Cargo.toml");
    for target in targets {
        assert!(
            manifest
                .contains(&format!("[[bin]]\nname = \"{target}\"\npath = \"fuzz_targets/{target}.rs\"\n"))
        );
        let source = read(format!("fuzz/fuzz_targets/{target}.rs"));
        assert!(source.contains(&format!("rocket_cognito::fuzzing::{target}(bytes)")), "{target}");
    }
}

/// O13.
#[test]
fn no_dependency_is_banned_or_from_elsewhere_and_every_change_is_checked() {
    let deny = read("deny.toml");
    let number = |part: &str| part.parse::<u32>().unwrap();
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let lock = read(lock);
        let packages: Vec<_> = lock.split("[[package]]").skip(1).collect();
        let field = |package: &str, name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
            line.and_then(|rest| rest.strip_suffix('"')).unwrap_or_default().to_owned()
        };
        let versions = |name: &str| {
            let named = packages.iter().filter(|package| field(package, "name") == name);
            named.map(|package| field(package, "version")).collect::<Vec<_>>()
        };
        for banned in ["openssl", "openssl-sys", "native-tls", "rsa"] {
            assert!(deny.contains(&format!("{{ name = \"{banned}\", reason = ")), "{banned}");
            assert_eq!(versions(banned), [""; 0], "{banned}");
        }
        for (name, least) in [("jsonwebtoken", [10, 3, 0]), ("rocket", [0, 5, 2])] {
            assert!(deny.contains(&format!("{{ name = \"{name}\", version = \"<")), "{name}");
            let [version] = versions(name).try_into().unwrap();
            assert!(version.split('.').map(number).collect::<Vec<_>>() >= least.to_vec(), "{name} {version}");
        }
        // Those of this repository have none.
        let sources = packages.iter().map(|package| field(package, "source")).filter(|it| !it.is_empty());
        assert!(sources.collect::<BTreeSet<_>>().iter().all(|source| source.starts_with("registry+")));
    }
    assert!(read(".ci/run").contains("cargo-deny check bans licenses sources\n"));
}
