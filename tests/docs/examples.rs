//! The examples end with tests, as a reader's app would have them.

use std::fs;
use std::path::PathBuf;

use crate::support::root;
use crate::tables::read;

/// Manifest and source of each example.
fn examples() -> Vec<(String, String, String)> {
    let files = fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let programs = files.filter(|path| is_source(path) || path.join("Cargo.toml").is_file());
    let examples = programs.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => {
                let source = read(format!("examples/{name}/{name}.rs"));
                (name.clone(), read(format!("examples/{name}/Cargo.toml")), source)
            }
            false => (name.clone(), read("Cargo.toml"), read(format!("examples/{name}.rs"))),
        }
    });
    examples.collect()
}

#[test]
fn every_example_asserts_the_map_of_its_routes() {
    let examples = examples();
    assert!(examples.len() > 10);
    for (name, manifest, source) in examples {
        let target = manifest.split("[[example]]").find(|it| it.contains(&format!("name = \"{name}\"\n")));
        assert!(target.is_some_and(|target| target.contains("\ntest = true\n")), "{name} is not tested");
        let (_, tests) = source.split_once("\n#[cfg(test)]\nmod tests {\n").unwrap_or_default();
        assert!(tests.contains("testing::map(client.rocket())"), "{name} does not assert its map");
    }
}

#[test]
fn the_page_of_examples_lists_each_by_its_command() {
    let page = read("examples/README.md");
    let listed: Vec<_> = page.lines().filter_map(|line| line.split("--example ").nth(1)).collect();
    let mut listed: Vec<_> = listed.iter().map(|rest| rest.split('`').next().unwrap()).collect();
    let mut names: Vec<_> = examples().into_iter().map(|(name, _, _)| name).collect();
    listed.sort_unstable();
    names.sort_unstable();
    assert_eq!(listed, names);
}
