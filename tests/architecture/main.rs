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

use std::fs;
use std::path::Path;

use page::{PAGE, rows, table};
use rules::{check, measured};
use tree::{Tree, files};

#[test]
fn the_tree_is_as_the_architecture_page_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tree = Tree::read(files(root));
    let page = fs::read_to_string(root.join(PAGE)).unwrap();
    let offences = check(&tree, &page);

    if offences.is_empty() {
        return;
    }
    println!("The table of {PAGE} as measured:\n\n{}", table(&measured(&tree, rows(&page).0)));
    for offence in &offences {
        println!("{offence}");
    }
    panic!("{} offences against {PAGE}", offences.len());
}
