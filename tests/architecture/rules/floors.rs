//! A folder imports only folders below it, and just those that its row of the page lists.

use std::collections::{BTreeMap, BTreeSet};

use super::super::modules::ROOT;
use super::super::page::{GROUND, PAGE, Row};
use super::super::tree::{Import, Tree, folder};
use super::Offence;

/// Above all rows: they may import everything, and nothing imports them.
const TOP: [&str; 3] = [ROOT, "src/fuzzing.rs", "src/bin/"];

pub fn check(tree: &Tree, rows: &[Row]) -> Vec<Offence> {
    let mut imports: BTreeMap<(&str, &str), Vec<&Import>> = BTreeMap::new();
    for import in tree.imports.iter().filter(|import| !is_top(&import.file)) {
        for to in import.folders().filter(|to| *to != folder(&import.file)) {
            imports.entry((&import.file, to)).or_default().push(import);
        }
    }
    let upward = imports.into_iter().filter_map(|((_, to), imports)| upward_or_unlisted(&imports, to, rows));
    let mut offences: Vec<_> = upward.collect();
    let measured = tree.folders();
    for (floor, row) in rows.iter().enumerate() {
        let used = measured.get(row.folder.as_str());
        for listed in &row.imports {
            let is_ground = GROUND.contains(&listed.as_str());
            let what = if is_ground || floor_of(listed, rows).is_none_or(|below| below >= floor) {
                format!(
                    "the row of `{}` lists `{listed}`, which is no folder above it in the table",
                    row.folder
                )
            } else if used.is_none_or(|used| !used.contains(listed.as_str())) {
                format!("the row of `{}` lists `{listed}`, which no file of it imports", row.folder)
            } else {
                continue;
            };
            offences.push(Offence::new(PAGE, row.line, what, "Take it out of the row."));
        }
    }
    offences
}

/// The rows with the imports that the files have, as far as these go down.
pub fn measured(tree: &Tree, rows: Vec<Row>) -> Vec<Row> {
    let order: Vec<_> = rows.iter().map(|row| row.folder.clone()).collect();
    let folders = tree.folders();
    let mut below = Vec::new();
    let mut measured = Vec::new();
    for mut row in rows {
        let used = folders.get(row.folder.as_str()).cloned().unwrap_or_default();
        row.imports =
            below.iter().filter(|folder: &&String| used.contains(folder.as_str())).cloned().collect();
        if !GROUND.contains(&row.folder.as_str()) {
            below.push(row.folder.clone());
        }
        measured.push(row);
    }
    let all: BTreeSet<_> =
        tree.sources.keys().filter(|file| !is_top(file)).map(|file| folder(file)).collect();
    for folder in all.into_iter().filter(|folder| order.iter().all(|row| row != folder)) {
        let imports = folders.get(folder).into_iter().flatten().map(|folder| (*folder).to_owned()).collect();
        measured.push(Row { folder: folder.to_owned(), purpose: "?".to_owned(), imports, line: 0 });
    }
    measured
}

fn is_top(file: &str) -> bool {
    TOP.iter().any(|top| file.starts_with(top))
}

fn floor_of(folder: &str, rows: &[Row]) -> Option<usize> {
    rows.iter().position(|row| row.folder == folder)
}

/// Judges what one file imports of the folder `to`.
fn upward_or_unlisted(imports: &[&Import], to: &str, rows: &[Row]) -> Option<Offence> {
    let Import { file, line, .. } = imports.first()?;
    let from = folder(file);
    let floor = floor_of(from, rows)?;
    let paths = paths(imports);
    let (what, remedy) = match floor_of(to, rows) {
        None => (
            format!("imports `{to}`, which has no row"),
            format!("Define {paths} in a folder below `{from}`."),
        ),
        Some(above) if above > floor => (
            format!("imports `{to}`, which is above `{from}`"),
            format!(
                "Move {paths} to `{from}` or below it, hand it in from above, or move this code up to `{to}`."
            ),
        ),
        Some(_) if GROUND.contains(&to) || rows[floor].imports.iter().any(|listed| listed == to) => {
            return None;
        }
        Some(_) => (
            format!("imports `{to}`, which the row of `{from}` does not list"),
            format!("Do without {paths}, or add `{to}` to that row in {PAGE}."),
        ),
    };
    Some(Offence::new(file, *line, what, remedy))
}

/// The paths as written; those that only go on from a `use` are left out.
fn paths(imports: &[&Import]) -> String {
    let paths = imports
        .iter()
        .filter(|import| ["crate::", "super::", "self::"].iter().any(|head| import.path.starts_with(head)));
    let paths: BTreeSet<_> = paths.map(|import| format!("`{}`", import.path)).collect();
    paths.into_iter().collect::<Vec<_>>().join(", ")
}
