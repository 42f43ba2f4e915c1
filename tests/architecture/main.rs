//! `docs/architecture.md` says which folder of `src/` may import which, and how the tree is kept; this holds the tree
//! to it.
//!
//! `tokens`, `reader` and `source` read a file, `modules` and `tree` follow its paths, `rules` judge what is found.
//! `planted` shows that each rule bites.

mod cfg;
mod facade;
mod modules;
mod page;
mod planted;
mod reader;
mod rules;
mod source;
mod tokens;
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use page::{PAGE, rows, table};
use rules::{check, measured};
use tree::{Tree, files};

// TEMPORARY, until the tree keeps every rule: what breaks one today. An entry that is no longer needed fails the test,
// so the list can only shrink. Delete the file and `known` with it.
const OFFENDERS: &str = include_str!("offenders.txt");

#[test]
fn the_tree_is_as_the_architecture_page_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = Tree::read(files(root));
    let page = fs::read_to_string(root.join(PAGE)).unwrap();
    let offences = check(&tree, &page);

    let known: BTreeSet<_> = OFFENDERS.lines().map(str::to_owned).collect();
    let found: BTreeSet<_> = offences.iter().map(|offence| offence.entry()).collect();
    let new: Vec<_> = offences.iter().filter(|offence| !known.contains(&offence.entry())).collect();
    let mended: Vec<_> = known.difference(&found).collect();
    if new.is_empty() && mended.is_empty() {
        return;
    }
    println!("The table of {PAGE} as measured:\n\n{}", table(&measured(&tree, rows(&page).0)));
    let list = Path::new(env!("CARGO_TARGET_TMPDIR")).join("offenders.txt");
    fs::write(&list, found.iter().map(|entry| format!("{entry}\n")).collect::<String>()).unwrap();
    println!("tests/architecture/offenders.txt as measured is in {}", list.display());
    for offence in &new {
        println!("{offence}");
    }
    for entry in &mended {
        println!("mended, so delete it from tests/architecture/offenders.txt: {entry}");
    }
    panic!("{} offences against {PAGE}, and {} entries that are no longer needed", new.len(), mended.len());
}
