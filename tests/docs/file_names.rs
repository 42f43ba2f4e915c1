//! Names of files that every system can check out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::root;

/// Devices on Windows, whatever the case and the extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// The same with a digit behind.
const PORTS: [&str; 2] = ["com", "lpt"];

/// All files and folders below `folder`, by their paths from there, but for what is built and what git keeps.
fn paths(folder: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        if [".git", "target"].contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            paths.extend(self::paths(&entry.path()).iter().map(|path| format!("{name}/{path}")));
        }
        paths.push(name);
    }
    paths
}

/// Whether Windows refuses it as the name of a file.
fn is_refused(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let is_port = PORTS.iter().any(|port| {
        let rest = stem.strip_prefix(port).map(|rest| rest.chars().collect::<Vec<_>>());
        rest.is_some_and(|rest| matches!(rest[..], ['0'..='9' | '¹' | '²' | '³']))
    });
    DEVICES.contains(&stem.as_str())
        || is_port
        || name.ends_with(['.', ' '])
        || name.contains(|letter| letter < ' ' || r#"<>:"\|?*"#.contains(letter))
}

/// What keeps these paths from being checked out side by side.
fn faults<'p>(paths: &[&'p str]) -> Vec<&'p str> {
    let mut seen = BTreeSet::new();
    let is_bad = |path: &&str| path.split('/').any(is_refused) || !seen.insert(path.to_lowercase());
    paths.iter().copied().filter(is_bad).collect()
}

#[test]
fn every_file_can_be_checked_out_on_every_system() {
    let paths = paths(root());
    assert!(paths.iter().any(|path| path == "src/lib.rs"), "{paths:?}");
    assert_eq!(faults(&paths.iter().map(String::as_str).collect::<Vec<_>>()), [""; 0]);
}

/// The control.
#[test]
fn a_name_that_some_system_refuses_is_noticed() {
    let bad = [
        "nul",
        "seeds/NUL",
        "a/con.txt",
        "aux/a",
        "prn .x",
        "com1",
        "LPT9.rs",
        "com¹",
        "a.",
        "a /b",
        "a<b",
        "a>b",
        "a:b",
        "a\"b",
        "a|b",
        "a?",
        "a*",
        "a\\b",
        "a\u{1f}",
    ];
    assert_eq!(faults(&bad), bad);
    assert_eq!(faults(&["README.md", "a/b", "A/b", "readme.md"]), ["A/b", "readme.md"]);
    let good = ["null", "console", "com", "com10", "lpt.rs", "a b", ".gitignore", "a.b.c", "é/ü", "comx"];
    assert_eq!(faults(&good), [""; 0]);
}
