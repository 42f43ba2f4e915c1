//! A type and its inherent `impl`s share a file.
//!
//! An `impl` in a macro's body is judged where the macro is written. If it is for an argument of the macro, each call is
//! judged: the first type of this crate among the arguments must be defined in the file of the call.

use super::super::source::{InherentImpl, MacroCall, Place, Source};
use super::super::tree::Tree;
use super::Offence;

/// Here types of lower floors, which know no request, get the functions that look them up in one.
const LOOKUP: &str = "src/request/lookup.rs";

pub fn check(tree: &Tree) -> Vec<Offence> {
    let macros: Vec<_> = tree.sources.values().flat_map(|source| &source.implementing_macros).collect();
    let mut offences = Vec::new();
    for (file, source) in tree.sources.iter().filter(|(file, _)| !tree.modules.is_test(file)) {
        for block in source.impls.iter().filter(|block| !block.place.is_test) {
            match home(tree, file, &block.place, &block.path) {
                Some(home) if home != *file && file == LOOKUP => offences.extend(not_lookups(block, &home)),
                Some(home) if home != *file => {
                    let what = format!("has an `impl` of `{}`", block.path.join("::"));
                    offences.push(foreign(file, block.place.line, what, &home));
                }
                _ => {}
            }
        }
        let calls =
            source.macro_calls.iter().filter(|call| !call.place.is_test && macros.contains(&&call.name));
        for MacroCall { place, name, words } in calls {
            let types = words.iter().filter_map(|word| {
                let home = home(tree, file, place, std::slice::from_ref(word))?;
                defines_type(&tree.sources[&home], word).then_some((word, home))
            });
            if let Some((word, home)) = types.take(1).find(|(_, home)| home != file) {
                let what = format!("has an `impl` of `{word}` by `{name}!`");
                offences.push(foreign(file, place.line, what, &home));
            }
        }
    }
    offences
}

/// The file that defines what a path names.
fn home(tree: &Tree, file: &str, place: &Place, path: &[String]) -> Option<String> {
    if matches!(path, [name] if defines_type(&tree.sources[file], name)) {
        return Some(file.to_owned());
    }
    let files = tree.modules.follow(&tree.modules.at(file, &place.scope)?, path).to;
    if files.contains(file) { Some(file.to_owned()) } else { files.into_iter().next() }
}

fn defines_type(source: &Source, name: &str) -> bool {
    source.definitions.iter().any(|definition| definition.is_type && definition.name == name)
}

fn foreign(file: &str, line: usize, what: String, home: &str) -> Offence {
    let remedy =
        format!("Move it to {home}, where the type is defined, or make it a function or a trait's `impl`.");
    Offence::new(file, line, format!("{what}, which is defined elsewhere"), remedy)
}

fn not_lookups(block: &InherentImpl, home: &str) -> Vec<Offence> {
    let functions = block.functions.iter().filter(|(_, takes_request)| !takes_request);
    let what =
        format!("adds a function to `{}` that does not begin with a `&Request`", block.path.join("::"));
    let remedy = format!("Move it to {home}, where the type is defined.");
    functions.map(|(line, _)| Offence::new(LOOKUP, *line, what.as_str(), remedy.as_str())).collect()
}
