//! Wrong use does not compile, and the compiler says what to do.
//!
//! Each file in `compile_fail` begins with the texts (`//~`) that the compiler's message must contain; one
//! without any must compile. Whole messages are not compared: they differ from compiler to compiler.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

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

/// A package with one binary for each case, that depends on this crate as an application does.
fn write_package(cases: &[Case]) -> PathBuf {
    let root = env!("CARGO_MANIFEST_DIR");
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
    fs::create_dir_all(&package).unwrap();
    let bins: String = cases
        .iter()
        .map(|case| format!("[[bin]]\nname = {:?}\npath = {:?}\n", case.name, case.source.to_str().unwrap()))
        .collect();
    let manifest = format!(
        "[package]\nname = \"compile_fail\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nrocket = {{ version = \"0.5.2\", features = [\"json\"] }}\n\
         rocket_cognito = {{ path = {root:?} }}\n\n\
         [workspace]\n\n{bins}"
    );
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(Path::new(root).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

#[test]
fn wrong_use_does_not_compile_and_the_message_helps() {
    let cases = cases();
    assert!(cases.iter().any(|case| case.expected.is_empty()) && cases.len() > 5);
    let package = write_package(&cases);
    for case in &cases {
        let output = Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--color=never", "--bin", &case.name])
            .current_dir(&package)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail_target"))
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), case.expected.is_empty(), "{}:\n{message}", case.name);
        for expected in &case.expected {
            assert!(message.contains(expected), "{} does not say {expected:?}:\n{message}", case.name);
        }
    }
}
