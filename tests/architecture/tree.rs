//! The files of the repository, and what each file of the library imports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use super::modules::{Leads, Modules};
use super::reader;
use super::source::{Binds, Source};

/// Where Rust files are looked for; `target` folders below them are left out.
const FOLDERS: [&str; 5] = ["src", "tests", "benches", "examples", "fuzz"];

pub struct Tree {
    /// The text of every Rust file, by its path with `/`.
    pub texts: BTreeMap<String, String>,
    /// The files under `src/`.
    pub sources: BTreeMap<String, Source>,
    pub modules: Modules,
    /// Those of the library, outside of tests.
    pub imports: Vec<Import>,
}

/// A path in a file that leads to code of this crate.
pub struct Import {
    pub file: String,
    pub line: usize,
    /// The path as written.
    pub path: String,
    pub leads: Leads,
}

impl Tree {
    pub fn read(texts: BTreeMap<String, String>) -> Self {
        let sources = texts.iter().filter(|(file, _)| file.starts_with("src/"));
        let sources = sources.map(|(file, text)| (file.clone(), reader::read(text))).collect();
        let modules = Modules::read(&sources);
        let imports = imports(&sources, &modules);
        Tree { texts, sources, modules, imports }
    }

    /// The folders that the folder of each import leads to, and through.
    pub fn folders(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut folders: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for import in &self.imports {
            let from = folder(&import.file);
            folders.entry(from).or_default().extend(import.folders().filter(|to| *to != from));
        }
        folders
    }
}

impl Import {
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.leads.to.union(&self.leads.through).map(|file| folder(file))
    }
}

/// The folder of a file under `src/`, or the name of one that stands in `src/` itself: `http`, `clock`.
pub fn folder(file: &str) -> &str {
    let below = file.strip_prefix("src/").unwrap_or(file);
    below.split_once('/').map_or(below.trim_end_matches(".rs"), |(folder, _)| folder)
}

fn imports(sources: &BTreeMap<String, Source>, modules: &Modules) -> Vec<Import> {
    let mut imports = Vec::new();
    for (file, source) in sources {
        for name in source.names.iter().filter(|name| !name.place.is_test && !modules.is_test(file)) {
            let Some(from) = modules.at(file, &name.place.scope) else { continue };
            let mut path = name.path.clone();
            if name.binds == Binds::Everything {
                path.push("*".to_owned());
            }
            let mut leads = modules.follow(&from, &path);
            leads.to.remove(file);
            leads.through.remove(file);
            if !leads.to.is_empty() || !leads.through.is_empty() {
                imports.push(Import {
                    file: file.clone(),
                    line: name.place.line,
                    path: path.join("::"),
                    leads,
                });
            }
        }
    }
    imports
}

/// The Rust files of the repository at `root`.
pub fn files(root: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in FOLDERS.into_iter().filter(|folder| root.join(folder).is_dir()) {
        add(root, folder, &mut files).unwrap();
    }
    files
}

fn add(root: &Path, folder: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            if name != "target" {
                add(root, &path, files)?;
            }
        } else if name.ends_with(".rs") {
            files.insert(path, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}
