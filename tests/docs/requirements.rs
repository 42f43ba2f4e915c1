//! `docs/requirements.md` names a test for each requirement; this holds it to that.

use std::collections::BTreeSet;
use std::fs;

use crate::support::root;
use crate::tables::{self, Tests, read, rows, tests};

/// How many requirements each family has.
const FAMILIES: [(char, usize); 20] = [
    ('T', 44),
    ('C', 28),
    ('R', 12),
    ('K', 21),
    ('L', 11),
    ('F', 18),
    ('S', 6),
    ('J', 10),
    ('I', 9),
    ('H', 12),
    ('X', 7),
    ('O', 17),
    ('V', 16),
    ('A', 16),
    ('N', 10),
    ('M', 15),
    ('P', 14),
    ('G', 12),
    ('D', 17),
    ('E', 25),
];

/// A sentence says why there is no test; anything else names tests.
fn names(cell: &str) -> Vec<&str> {
    if cell.ends_with('.') && cell.contains(' ') { Vec::new() } else { cell.split(", ").collect() }
}

/// What is wrong with the table, in words.
fn faults(text: &str, tests: &Tests) -> Vec<String> {
    let expected: Vec<_> = FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |number| format!("{family}{number}")))
        .collect();
    tables::faults(&rows(text), &expected, tests, names)
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
