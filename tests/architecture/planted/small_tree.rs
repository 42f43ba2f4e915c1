//! A tree that keeps every rule.

use super::super::rules::check;
use super::super::tree::Tree;

pub const PAGE: &str = "\
# Architecture

## Floors

| folder | what it is | imports |
|---|---|---|
| `error` | Errors. | - |
| `low` | Stones. | - |
| `mid` | Walls. | `low` |
| `high` | Houses. | `low`, `mid` |

## A request
";

pub const ROOT: &str = "mod error;\nmod high;\nmod low;\nmod mid;\npub use self::high::House;";
pub const STONE: &str = "use crate::error::Error;\npub(crate) struct Stone(Error);\nimpl Stone {}";

const FILES: [(&str, &str); 8] = [
    ("src/lib.rs", ROOT),
    ("src/error.rs", "pub struct Error;"),
    ("src/low/mod.rs", "//! Stones.\n\nmod stone;\n\npub(crate) use self::stone::Stone;"),
    ("src/low/stone.rs", STONE),
    ("src/mid/mod.rs", "mod wall;\npub(crate) use wall::{Wall, build};"),
    ("src/mid/wall.rs", "use crate::low::Stone;\npub(crate) struct Wall(Stone);\npub(crate) fn build() {}"),
    ("src/high/mod.rs", "#[cfg(unix)]\nmod house;\n#[cfg(unix)]\npub use self::house::House;"),
    ("src/high/house.rs", "use crate::{low::Stone, mid};\npub struct House(Stone);\nfn f() { mid::build() }"),
];

/// The offences in the tree when files are added or replaced.
pub fn offences_on(page: &str, changes: &[(&str, &str)]) -> Vec<String> {
    let texts = FILES.iter().chain(changes).map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
    check(&Tree::read(texts.collect()), page).iter().map(ToString::to_string).collect()
}

/// Those offences, without what to do about them.
pub fn offences(changes: &[(&str, &str)]) -> Vec<String> {
    without_remedies(offences_on(PAGE, changes))
}

pub fn without_remedies(offences: Vec<String>) -> Vec<String> {
    offences.iter().map(|text| text.split_once(". ").unwrap().0.to_owned()).collect()
}
