//! Where files stand, what `mod.rs` holds, and how long files are.

use std::collections::BTreeSet;

use super::super::modules::{ROOT, resolved};
use super::super::page::{GROUND, PAGE, Row};
use super::super::source::Source;
use super::super::tree::{Tree, folder};
use super::Offence;

const MAX_LINES: usize = 400;
const MAX_FOLDERS: usize = 24;

/// Files that may stand in `src/` itself.
const FLAT: [&str; 4] = [ROOT, "src/error.rs", "src/clock.rs", "src/fuzzing.rs"];

pub fn check(tree: &Tree, rows: &[Row]) -> Vec<Offence> {
    let mut offences = folders(tree, rows);
    for (file, text) in &tree.texts {
        let lines = text.lines().count();
        if lines > MAX_LINES {
            let remedy = format!("It has {lines}: cut it by what its parts are about.");
            offences.push(Offence::new(
                file,
                MAX_LINES + 1,
                format!("has more than {MAX_LINES} lines"),
                remedy,
            ));
        }
    }
    for (file, source) in &tree.sources {
        if !file["src/".len()..].contains('/') && !FLAT.contains(&file.as_str()) {
            let remedy = format!("Move it into the folder of {PAGE} whose sentence fits.");
            offences.push(Offence::new(file, 1, "stands in `src/` itself", remedy));
        }
        if let Some(line) = source.first_code.filter(|_| file.ends_with("/mod.rs")) {
            let remedy =
                "Move the rest into a file beside it, named after what it defines, and re-export it.";
            offences.push(Offence::new(file, line, "holds more than `mod` and `use`", remedy));
        }
        if tree.modules.at(file, &[]).is_none() && !file.starts_with("src/bin/") {
            offences.push(Offence::new(file, 1, "is reached by no `mod` line", "Declare it, or delete it."));
        }
        offences.extend(inclusions(file, source));
    }
    offences
}

/// The rows and the folders are the same.
fn folders(tree: &Tree, rows: &[Row]) -> Vec<Offence> {
    let mut offences = Vec::new();
    let files = tree.sources.keys().filter(|file| file["src/".len()..].contains('/'));
    let folders: BTreeSet<_> = files.map(|file| folder(file)).filter(|folder| *folder != "bin").collect();
    for folder in folders.iter().filter(|folder| rows.iter().all(|row| row.folder != **folder)) {
        let remedy =
            format!("Give `{folder}` a row in {PAGE}, or move its files into a folder that has one.");
        offences.push(Offence::new(&format!("src/{folder}"), 1, "has no row in the table of floors", remedy));
    }
    let mut named = BTreeSet::new();
    for Row { folder, line, .. } in rows {
        let is_there = folders.contains(folder.as_str()) || GROUND.contains(&folder.as_str());
        if !is_there {
            let what = format!("the row of `{folder}` has no folder in `src/`");
            offences.push(Offence::new(PAGE, *line, what, "Delete the row."));
        }
        if !named.insert(folder) {
            offences.push(Offence::new(PAGE, *line, format!("`{folder}` has two rows"), "Keep one."));
        }
    }
    let rows: Vec<_> = rows.iter().filter(|row| !GROUND.contains(&row.folder.as_str())).collect();
    if let Some(row) = rows.get(MAX_FOLDERS) {
        let remedy = "Join folders that are one concept.";
        offences.push(Offence::new(PAGE, row.line, format!("has more than {MAX_FOLDERS} folders"), remedy));
    }
    offences
}

/// Code from elsewhere. With it the library would have two homes, and the program under `src/bin` more of the library
/// than its public names.
fn inclusions(file: &str, source: &Source) -> Vec<Offence> {
    let root = if file.starts_with("src/bin/") { "src/bin/" } else { "src/" };
    let parent = file.rsplit_once('/').map_or("", |(parent, _)| parent);
    let modules = source.modules.iter().filter(|module| module.path.is_some());
    let modules = modules.map(|module| (module.place.line, module.path.as_ref()));
    let includes = source.includes.iter().map(|(line, file)| (*line, file.as_ref()));
    let targets = modules.chain(includes).map(|(line, path)| match path {
        Some(path) => (line, resolved(parent, path)),
        None => (line, "a file without a fixed name".to_owned()),
    });
    let outside = targets
        .filter(|(_, target)| !target.starts_with(root) || target.starts_with("src/bin/") && root == "src/");
    let remedy = "Move the code that both need into a module of `src/`.";
    outside.map(|(line, target)| Offence::new(file, line, format!("includes {target}"), remedy)).collect()
}
