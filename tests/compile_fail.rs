//! Wrong use does not compile, and the compiler says what to do.
//!
//! Each file in `compile_fail` begins with the texts (`//~`) that the compiler's message must contain; one
//! without any must compile. Whole messages are not compared: they differ from compiler to compiler.
//!
//! The compiler is given what this test itself was linked with: a package of its own would have all dependencies
//! compiled once more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use serde_json::Value;

/// The features of this build; others would be another build of the crate.
const FEATURES: [(&str, bool); 2] =
    [("local-pool", cfg!(feature = "local-pool")), ("templates", cfg!(feature = "templates"))];

struct Case {
    name: String,
    source: PathBuf,
    expected: Vec<String>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let case = |source: PathBuf| {
        let text = fs::read_to_string(&source).unwrap();
        let expected = text.lines().filter_map(|line| line.strip_prefix("//~ ")).map(str::to_owned).collect();
        Case { name: source.file_stem().unwrap().to_str().unwrap().to_owned(), source, expected }
    };
    files.map(case).collect()
}

/// The libraries that an application depends on, as they were built for this test.
fn libraries() -> BTreeMap<String, PathBuf> {
    // <target>/<profile>/deps/<test>
    let test = env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let features: Vec<_> = FEATURES.iter().filter(|(_, is_on)| *is_on).map(|(name, _)| *name).collect();
    let mut build = Command::new(env!("CARGO"));
    build
        .args(["test", "--no-run", "--quiet", "--offline", "--message-format=json", "--test", "compile_fail"])
        .args(["--no-default-features", "--features", &features.join(",")])
        .args(profile.ends_with("release").then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", profile.parent().unwrap());
    let output = build.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let messages = String::from_utf8(output.stdout).unwrap();
    let mut libraries = BTreeMap::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let files = message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(file) = files.clone().find(|file| file.ends_with(".rlib")) {
            libraries.insert(name.to_owned(), PathBuf::from(file));
        }
    }
    libraries
}

/// Whether `case` compiles, and what the compiler says.
fn check(case: &Case, libraries: &BTreeMap<String, PathBuf>) -> (bool, String) {
    let folder = libraries["rocket_cognito"].parent().unwrap();
    let mut compile = Command::new(Path::new(env!("CARGO")).with_file_name("rustc"));
    compile
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--crate-name", &case.name])
        .arg(format!("-Ldependency={}", folder.display()))
        .arg("-o")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.rmeta", case.name)))
        .arg(&case.source);
    for name in ["rocket", "rocket_cognito"] {
        compile.arg("--extern").arg(format!("{name}={}", libraries[name].display()));
    }
    let output = compile.output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn wrong_use_does_not_compile_and_the_message_helps() {
    let cases = cases();
    assert!(cases.iter().any(|case| case.expected.is_empty()) && cases.len() > 5);
    let libraries = libraries();
    thread::scope(|scope| {
        for case in &cases {
            let libraries = &libraries;
            scope.spawn(move || {
                let (compiles, message) = check(case, libraries);
                assert_eq!(compiles, case.expected.is_empty(), "{}:\n{message}", case.name);
                for expected in &case.expected {
                    assert!(
                        message.contains(expected),
                        "{} does not say {expected:?}:\n{message}",
                        case.name
                    );
                }
            });
        }
    });
}
