use super::super::page::rows;
use super::super::tree::Tree;
use super::{Offence, circles, floors, impls, shape};

/// What breaks a rule, file by file.
pub fn check(tree: &Tree, page: &str) -> Vec<Offence> {
    let (rows, mut offences) = rows(page);
    offences.extend(floors::check(tree, &rows));
    offences.extend(circles::check(tree));
    offences.extend(shape::check(tree, &rows));
    offences.extend(impls::check(tree));
    offences.sort();
    offences
}
