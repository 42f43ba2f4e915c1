//! The list in `tests/data/redirects.txt`.

use std::collections::{BTreeSet, HashSet};

use crate::support::redirects::lines;

#[test]
fn the_list_is_long_of_many_classes_and_repeats_nothing() {
    let lines = lines();
    let texts: HashSet<_> = lines.iter().map(|line| &line.text).collect();
    assert_eq!(texts.len(), lines.len());
    let classes =
        |is_taken| lines.iter().filter(move |line| line.is_taken == is_taken).map(|line| line.class);
    assert!(classes(false).count() >= 600 && classes(true).count() >= 100);
    assert!(classes(false).collect::<BTreeSet<_>>().len() >= 25);
}
