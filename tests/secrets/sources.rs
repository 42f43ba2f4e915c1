//! What the sources must not say: a panic, an unequal time, a type that prints what it should not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::reviewed::{REVIEWED_COMPARISONS, REVIEWED_TYPES};

/// A file under `src/`, without tests, comments and the content of texts.
struct Source {
    /// Its path under `src/`.
    name: String,
    code: String,
}

/// Words that name secrets, as parts of names.
const SECRETS: [&str; 13] = [
    "token",
    "verifier",
    "nonce",
    "state",
    "code",
    "password",
    "secret",
    "hash",
    "challenge",
    "jwt",
    "sealed",
    "signature",
    "expose",
];

/// What compares two values and stops at the first difference.
const COMPARISONS: [&str; 11] = [
    "==",
    "!=",
    ".eq(",
    ".ne(",
    ".cmp(",
    "starts_with(",
    "ends_with(",
    "contains(",
    "strip_prefix(",
    "strip_suffix(",
    "eq_ignore_ascii_case(",
];

/// What ends a request, or the process, where an error was meant; or writes past the log.
const FORBIDDEN: [&str; 19] = [
    ".unwrap()",
    ".expect(",
    "unwrap_err()",
    "unwrap_unchecked",
    "panic!",
    "unreachable!",
    "todo!",
    "unimplemented!",
    "assert!",
    "assert_eq!",
    "assert_ne!",
    "debug_assert",
    "exit(",
    "abort()",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
];

/// Files and folders of tests.
const TESTS: [&str; 5] = ["tests.rs", "tests", "redaction.rs", "fuzzing.rs", "local_path/grammar.rs"];

fn sources() -> Vec<Source> {
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let named = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        (path, name)
    };
    let is_test =
        |name: &str| Path::new(name).ancestors().any(|part| TESTS.iter().any(|tests| part.ends_with(tests)));
    let sources: Vec<_> = files(&root)
        .into_iter()
        .map(named)
        .filter(|(_, name)| !is_test(name))
        .map(|(path, name)| {
            let text = std::fs::read_to_string(&path).unwrap();
            Source { name, code: without_texts(&without_tests(&text)) }
        })
        .collect();
    assert!(sources.len() > 60 && sources.iter().any(|source| source.name == "local_pool/state/tokens.rs"));
    sources
}

/// Without the items that only tests compile.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let attribute = line.trim_start();
        if attribute != "#[cfg(test)]" && !attribute.starts_with("#[cfg(all(test,") {
            code.extend([line, "\n"]);
            continue;
        }
        let indent = &line[..line.len() - attribute.len()];
        let is_last = |line: &&str| {
            line.strip_prefix(indent).is_some_and(|rest| {
                rest.starts_with('}') || (!rest.starts_with([' ', '#']) && rest.ends_with([';', ',', '}']))
            })
        };
        lines.find(is_last).expect("an item");
    }
    code
}

/// Without comments, and with nothing between quotation marks.
fn without_texts(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (taken, instead) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), "")
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            (raw.find("\"#").unwrap() + 5, "\"\"")
        } else if letter == '"' {
            (end_of_text(rest), "\"\"")
        } else if rest.starts_with("'\"'") {
            (3, "' '")
        } else {
            (letter.len_utf8(), &rest[..letter.len_utf8()])
        };
        code.push_str(instead);
        rest = &rest[taken..];
    }
    code
}

/// Where the text ends that begins here.
fn end_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            letter => escaped = letter == '\\' && !escaped,
        }
    }
    panic!("a text without an end");
}

/// The names in a piece of code, in their order.
fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|name| !name.is_empty())
}

fn is_secret(name: &str) -> bool {
    name.split('_').any(|word| SECRETS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Whether a derive prints a secret among these `fields` without the compiler's objection.
fn may_print(fields: &str) -> bool {
    fields.split([',', '\n']).any(|part| {
        let is_kept = names(part).any(|name| name == "Secret" || name == "SecretText");
        names(part)
            .any(|name| name == "serialize_with" || (!is_kept && (is_secret(name) || name == "Zeroizing")))
    })
}

/// Every struct: its name, its attributes and what stands between its brackets.
fn structs(code: &str) -> Vec<(&str, &str, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("struct ") {
        let name = names(&code[at + 7..]).next().unwrap();
        let head = &code[..at];
        let attributes = &head[head.rfind(['}', ';', '{']).map_or(0, |end| end + 1)..];
        let body = &code[at..];
        let open = body.find(['{', '(', ';']).unwrap();
        let close = if body[open..].starts_with('{') { "\n}" } else { ";" };
        let body = &body[open..];
        found.push((name, attributes, &body[..body.find(close).unwrap_or(body.len())]));
    }
    found
}

/// X1.
#[test]
fn no_type_with_a_secret_derives_debug_or_serialize_unreviewed() {
    let mut unreviewed = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for source in &sources() {
        for (name, attributes, fields) in structs(&source.code) {
            let prints = names(attributes).any(|name| name == "Debug" || name == "Serialize");
            if prints && may_print(fields) {
                seen.insert((source.name.clone(), name.to_owned()));
            }
        }
    }
    for (file, name) in &seen {
        if !REVIEWED_TYPES.iter().any(|(reviewed, known, _)| reviewed == file && known == name) {
            unreviewed.insert(format!("{file}: {name}"));
        }
    }
    for (file, name, why) in REVIEWED_TYPES {
        assert!(seen.contains(&(file.to_owned(), name.to_owned())), "{name} of {file} is gone ({why})");
    }
    assert_eq!(unreviewed, BTreeSet::new(), "take the derive away, write one by hand, or review");
}

/// A control.
#[test]
fn a_field_that_a_derive_may_print_is_found_and_one_that_the_compiler_keeps_is_not() {
    for fields in [
        "{ token: String, }",
        "{ id: Option<Zeroizing<String>>, }",
        "{ name: SecretText, code_verifier: Box<str>, }",
        "{ #[serde(default, serialize_with = \"\")]\n token: Option<SecretText>, }",
    ] {
        assert!(may_print(fields), "{fields}");
    }
    for fields in ["{ name: String, }", "{ token: Option<SecretText>, }", "{ secret_keys: Vec<Secret>, }"] {
        assert!(!may_print(fields), "{fields}");
    }
    let text = "one;\n#[cfg(test)]\nimpl One {\n    two\n}\nthree;\n    #[cfg(test)]\n    four;\n    five;\n";
    assert_eq!(without_tests(text), "one;\nthree;\n    five;\n");
}

/// T39.
#[test]
fn no_secret_is_compared_but_in_constant_time() {
    let (mut left, mut unreviewed) = (REVIEWED_COMPARISONS.to_vec(), Vec::new());
    for source in sources().iter().filter(|source| source.name != "crypto/constant_time.rs") {
        for statement in
            source.code.split([';', '{', '}']).filter(|statement| names(statement).any(is_secret))
        {
            let mut compact: String = statement.split_whitespace().collect();
            for (file, comparison, _) in REVIEWED_COMPARISONS {
                if file == source.name && compact.contains(comparison) {
                    left.retain(|(theirs, other, _)| (*theirs, *other) != (file, comparison));
                    compact = compact.replace(comparison, "");
                }
            }
            if COMPARISONS.iter().any(|operator| compact.contains(operator)) {
                unreviewed.push(format!("{}: {compact}", source.name));
            }
        }
    }
    assert_eq!(unreviewed, [""; 0], "use `constant_time::same`, or review");
    assert_eq!(left, [], "these are gone");
}

const LIB: &str = "lib.rs";
/// How the test kit fails a test; it is in no app that serves people.
const FAILS_TESTS: &str = "testing/misuse.rs";

/// X3.
#[test]
fn the_compiler_refuses_panics_and_unsafe_code_in_the_sources() {
    let lib = include_str!("../../src/lib.rs");
    let lints =
        lib.split("#![cfg_attr(\n    not(test),\n    deny(").nth(1).and_then(|rest| rest.split(')').next());
    let lints: BTreeSet<_> = lints.expect("lints").split(',').map(str::trim).collect();
    for lint in
        ["unwrap_used", "expect_used", "indexing_slicing", "string_slice", "panic", "todo", "unreachable"]
    {
        assert!(lints.contains(format!("clippy::{lint}").as_str()), "{lint} is not denied: {lints:?}");
    }
    assert!(lib.starts_with("#![forbid(unsafe_code)]\n"));
    for source in sources() {
        let attributes = source.code.split("#").skip(1).map(|rest| rest.split(']').next().unwrap());
        for attribute in attributes.filter(|attribute| attribute.contains("clippy::")) {
            assert!(
                [LIB, FAILS_TESTS].contains(&source.name.as_str()) && !attribute.contains("allow"),
                "{}: #{attribute}]",
                source.name
            );
        }
    }
}

/// X3. Some of it clippy has no lint for.
#[test]
fn nothing_in_the_sources_panics_or_writes_past_the_log() {
    assert!(sources().iter().any(|source| source.name == FAILS_TESTS));
    for source in sources().iter().filter(|source| source.name != FAILS_TESTS) {
        // The compiler's own checks end no request.
        for line in source.code.lines().filter(|line| !line.contains("const { assert!")) {
            let said = FORBIDDEN.iter().find(|word| line.contains(**word));
            assert_eq!(said, None, "{}: {line}", source.name);
        }
    }
}
