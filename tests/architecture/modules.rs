//! The modules of the crate, and which files a path leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Binds, Source};

pub const ROOT: &str = "src/lib.rs";

/// Whether a file only declares and re-exports: imports go through it to the file that defines the item.
pub fn is_facade(file: &str) -> bool {
    file == ROOT || file.ends_with("/mod.rs")
}

/// The modules by their paths, such as `crate::http::query`.
#[derive(Default)]
pub struct Modules {
    modules: BTreeMap<String, Module>,
    /// The module that each file is, and whether it is one in tests only.
    files: BTreeMap<String, (String, bool)>,
}

#[derive(Default)]
struct Module {
    file: String,
    definitions: BTreeSet<String>,
    /// What each name stands for that a `use` brings into scope.
    uses: BTreeMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
}

/// The files that a path leads to.
#[derive(Debug, Default)]
pub struct Leads {
    /// Whose code is used: the file that defines the item, and files other than `mod.rs` that re-export it.
    pub to: BTreeSet<String>,
    /// Those that the path names, or that re-export the item.
    pub through: BTreeSet<String>,
}

impl Modules {
    /// Follows the `mod` lines from `src/lib.rs` on.
    pub fn read(sources: &BTreeMap<String, Source>) -> Self {
        let mut modules = Modules::default();
        modules.add(ROOT, "crate".to_owned(), false, sources);
        modules
    }

    fn add(&mut self, file: &str, path: String, is_test: bool, sources: &BTreeMap<String, Source>) {
        let Some(source) = sources.get(file) else { return };
        let at = |scope: &[String]| joined(&path, scope);
        self.module(file, path.clone());
        self.files.insert(file.to_owned(), (path.clone(), is_test));
        for definition in &source.definitions {
            self.module(file, at(&definition.scope)).definitions.insert(definition.name.clone());
        }
        for name in &source.names {
            let module = self.module(file, at(&name.place.scope));
            match &name.binds {
                Binds::Nothing => {}
                Binds::Everything => module.globs.push(name.path.clone()),
                Binds::Word(word) => module.uses.entry(word.clone()).or_default().push(name.path.clone()),
            }
        }
        for child in &source.modules {
            let path = format!("{}::{}", at(&child.place.scope), child.name);
            if child.is_inline {
                self.module(file, path);
            } else if let Some(file) = child_file(file, child, sources) {
                self.add(&file, path, is_test || child.place.is_test, sources);
            }
        }
    }

    fn module(&mut self, file: &str, path: String) -> &mut Module {
        self.modules.entry(path).or_insert_with(|| Module { file: file.to_owned(), ..Module::default() })
    }

    /// The module at an inline scope of a file, or `None` if no `mod` line leads to the file.
    pub fn at(&self, file: &str, scope: &[String]) -> Option<String> {
        let (module, _) = self.files.get(file)?;
        Some(joined(module, scope))
    }

    pub fn is_test(&self, file: &str) -> bool {
        self.files.get(file).is_some_and(|(_, is_test)| *is_test)
    }

    /// The files of this crate to which a path leads that stands in the module `from`.
    pub fn follow(&self, from: &str, path: &[String]) -> Leads {
        let mut leads = Leads::default();
        self.follow_on(from, path, &mut leads, &mut BTreeSet::new());
        leads
    }

    fn follow_on(
        &self,
        from: &str,
        path: &[String],
        leads: &mut Leads,
        seen: &mut BTreeSet<(String, Option<String>)>,
    ) {
        let (place, rest) = self.locate(from, path);
        // A name may come round, as in `use log::log`.
        if !seen.insert((place.clone(), rest.first().cloned())) {
            return;
        }
        let Some(module) = self.modules.get(&place) else { return };
        // The path begins with what a `use` here has brought into scope, or with another crate.
        let is_here = rest.len() == path.len();
        if !is_here && module.file != ROOT {
            leads.through.insert(module.file.clone());
        }
        let (origins, tail) = match rest.split_first() {
            None => (self.namesakes(&place), rest),
            Some((first, tail)) if first == "*" && is_facade(&module.file) => {
                (module.uses.values().flatten().cloned().map(|path| (place.clone(), path)).collect(), tail)
            }
            Some((first, tail)) => (self.origins(&place, first), tail),
        };
        if !is_here && (origins.is_empty() || rest.is_empty() || !is_facade(&module.file)) {
            leads.to.insert(module.file.clone());
        }
        for (from, path) in origins {
            self.follow_on(&from, &[&path, tail].concat(), leads, seen);
        }
    }

    /// The innermost module that a path names, and what is left of the path.
    fn locate<'p>(&self, from: &str, path: &'p [String]) -> (String, &'p [String]) {
        let (mut module, mut rest) = (from.to_owned(), path);
        while let [first, tail @ ..] = rest {
            let next = match first.as_str() {
                "crate" => "crate".to_owned(),
                "self" => module.clone(),
                "super" => module.rsplit_once("::").map_or("crate", |(parent, _)| parent).to_owned(),
                child => format!("{module}::{child}"),
            };
            if !self.modules.contains_key(&next) {
                break;
            }
            (module, rest) = (next, tail);
        }
        (module, rest)
    }

    /// Where a module has a name from that it does not define: the module and path to go on with.
    fn origins(&self, place: &str, name: &str) -> Vec<(String, Vec<String>)> {
        let module = &self.modules[place];
        if let Some(paths) = module.uses.get(name) {
            return paths.iter().map(|path| (place.to_owned(), path.clone())).collect();
        }
        if module.definitions.contains(name) {
            return Vec::new();
        }
        let targets = module.globs.iter().map(|glob| self.locate(place, glob));
        let targets = targets.filter(|(target, rest)| rest.is_empty() && self.knows(target, name));
        targets.map(|(target, _)| (target, vec!["self".to_owned(), name.to_owned()])).collect()
    }

    fn knows(&self, place: &str, name: &str) -> bool {
        let module = &self.modules[place];
        module.definitions.contains(name) || module.uses.contains_key(name)
    }

    /// What is re-exported under a module's own name, such as a function of the module that is named after it.
    fn namesakes(&self, place: &str) -> Vec<(String, Vec<String>)> {
        let Some((parent, name)) = place.rsplit_once("::") else { return Vec::new() };
        if self.modules.contains_key(parent) { self.origins(parent, name) } else { Vec::new() }
    }
}

fn joined(module: &str, scope: &[String]) -> String {
    scope.iter().fold(module.to_owned(), |module, name| format!("{module}::{name}"))
}

/// The file of `mod x;`.
fn child_file(
    file: &str,
    child: &super::source::Module,
    sources: &BTreeMap<String, Source>,
) -> Option<String> {
    let (folder, name) = file.rsplit_once('/')?;
    if let Some(path) = &child.path {
        return Some(resolved(folder, path));
    }
    let own = name.strip_suffix(".rs").filter(|_| !is_facade(file)).map(str::to_owned);
    let steps = own.into_iter().chain(child.place.scope.iter().cloned()).chain([child.name.clone()]);
    let path = steps.fold(folder.to_owned(), |path, step| format!("{path}/{step}"));
    [format!("{path}.rs"), format!("{path}/mod.rs")].into_iter().find(|file| sources.contains_key(file))
}

/// A path relative to a folder, without `..`.
pub fn resolved(folder: &str, path: &str) -> String {
    let mut steps: Vec<_> = folder.split('/').collect();
    for step in path.split('/') {
        match step {
            "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
