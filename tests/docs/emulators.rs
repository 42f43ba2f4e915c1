//! `docs/emulators.md` names a test for what the local pool does; this holds it to that.

use crate::tables::{Tests, read, tests};

/// The cells of each row of the table, but for its heading.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    lines.map(|line| line.split(" | ").collect()).skip(1).collect()
}

/// What is wrong with the table, in words.
fn faults(text: &str, tests: &Tests) -> Vec<String> {
    let mut faults = Vec::new();
    for row in rows(text) {
        let [what, ours, .., shown_by] = row.as_slice() else { continue };
        if row.len() != 7 {
            faults.push(format!("{what} has {} cells", row.len()));
        } else if *ours != "-" {
            let missing = shown_by.split(", ").filter(|name| !tests.contains_key(*name));
            faults.extend(missing.map(|name| format!("{what}: there is no test `{name}`")));
        }
    }
    faults
}

#[test]
fn what_the_local_pool_does_beside_others_is_shown_by_tests() {
    let text = read("docs/emulators.md");
    assert_eq!(faults(&text, &tests()), [""; 0]);
    assert!(rows(&text).len() > 20);
}

/// The control: a table that rots is noticed.
#[test]
fn a_comparison_without_its_test_is_noticed() {
    let mut without_test = tests();
    without_test.remove("a_person_cancels").unwrap();
    assert_eq!(
        faults(&read("docs/emulators.md"), &without_test),
        ["the app receives `error=access_denied`: there is no test `a_person_cancels`"]
    );
}
